import { Body, Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Kind } from '@bailey/inventory';
import { actorOf } from '../access/admission.ts';
import { Writers } from '../access/roles.ts';
import { CONTROL_PLANE, type ControlPlane } from '../deps.ts';
import { readApplyRequest } from './apply-request.ts';
import { Registrar, type ApplyAnswer } from './registrar.ts';

@Writers()
@Controller('control/v1')
export class ApplyController {
  readonly #plane: ControlPlane;
  readonly #registrar: Registrar;

  constructor(@Inject(CONTROL_PLANE) plane: ControlPlane, @Inject(Registrar) registrar: Registrar) {
    this.#plane = plane;
    this.#registrar = registrar;
  }

  @Post('apply')
  @HttpCode(200)
  apply(@Body() body: string | undefined, @Req() request: FastifyRequest): Promise<ApplyAnswer> {
    return this.#registrar.apply(readApplyRequest(body, this.#plane.adapters), actorOf(request));
  }

  /** The resources alone, by their schemas: no source is read. */
  @Post('validate')
  @HttpCode(200)
  validate(@Body() body: string | undefined): { resources: { kind: Kind; name: string }[] } {
    const { resources } = readApplyRequest(body, this.#plane.adapters);
    return { resources: resources.map(({ kind, metadata }) => ({ kind, name: metadata.name })) };
  }
}
