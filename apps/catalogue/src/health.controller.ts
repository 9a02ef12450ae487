import { Controller, Get, Headers, Inject, Query as QueryString, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { ReplicaStatus } from '@bailey/inventory';
import { CONTROL_PLANE, type ControlPlane } from './deps.ts';

interface Readiness {
  status: 'ready';
  generation?: number;
  /** Without what ails their bridges: probes carry no credential. */
  replicas?: Pick<ReplicaStatus, 'replica' | 'generation' | 'seenAt'>[];
}

/** For probes and scrapers; open, so nothing here tells more than that this runs. */
@Controller()
export class HealthController {
  readonly #plane: ControlPlane;

  constructor(@Inject(CONTROL_PLANE) plane: ControlPlane) {
    this.#plane = plane;
  }

  @Get('livez')
  live(): { status: string } {
    return { status: 'live' };
  }

  @Get('startupz')
  started(): { status: string } {
    return { status: 'started' };
  }

  /** `STORE_DOWN` (503) when the store does not answer: without it there is nothing to tell. */
  @Get('readyz')
  async ready(@QueryString('verbose') verbose: string | undefined): Promise<Readiness> {
    const { store } = this.#plane;
    await store.ping();
    if (verbose === undefined) return { status: 'ready' };
    const [generation, replicas] = await Promise.all([store.generation(), store.replicas()]);
    const seen = replicas.map(({ replica, generation: at, seenAt }) => ({ replica, generation: at, seenAt }));
    return { status: 'ready', generation, replicas: seen };
  }

  @Get('metrics')
  async metrics(
    @Headers('accept') accept: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const { contentType, body } = await this.#plane.telemetry.metrics.render(accept);
    void reply.header('content-type', contentType);
    return body;
  }
}
