import { POLICY_WSDL } from './estate.ts';
import { startPolicySystem } from './policy-system.ts';

/**
 * The estate as a process of its own. `BAILEY_ESTATE_PORT` (0: any free one) and `BAILEY_ESTATE_HOST` (127.0.0.1).
 * Prints one line `{ready, soapUrl, wsdl, wsdlFile}`; ends on SIGTERM, on SIGINT, and when its parent has gone.
 */
const { soapUrl, wsdl, close } = await startPolicySystem({
  host: process.env['BAILEY_ESTATE_HOST'] ?? '127.0.0.1',
  port: Number(process.env['BAILEY_ESTATE_PORT'] ?? 0),
});

const stop = async (): Promise<void> => {
  await close();
  // An open channel to the parent would keep the process alive.
  if (process.connected) process.disconnect();
};
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
process.once('disconnect', () => void stop());

console.log(JSON.stringify({ ready: true, soapUrl, wsdl, wsdlFile: POLICY_WSDL }));
