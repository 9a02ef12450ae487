export type { GatewayDeps } from './deps.ts';
export { startGateway, type RunningGateway } from './gateway.ts';
