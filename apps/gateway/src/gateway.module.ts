import { Module, type DynamicModule } from '@nestjs/common';
import type { DataPlane } from './deps.ts';

/** For whoever injects it: health indicators and, later, background work. */
export const DATA_PLANE = Symbol('data plane');

/**
 * The data plane's module. It holds no controller: bridged calls run on the Fastify instance below Nest, where a
 * guard, an interceptor and a pipe would cost three times the call itself.
 */
@Module({})
export class GatewayModule {
  static of(plane: DataPlane): DynamicModule {
    return { module: GatewayModule, providers: [{ provide: DATA_PLANE, useValue: plane }], exports: [DATA_PLANE] };
  }
}
