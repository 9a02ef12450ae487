import { All, Body, Controller, Inject, Req, Res } from '@nestjs/common';
import { GraphQLSchemaHost } from '@nestjs/graphql';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createGraphqlHandler, type GraphqlHandler } from '@bailey/surface';
import { spanOf } from '../access/admission.ts';
import { Readers } from '../access/roles.ts';
import { CONTROL_PLANE, type ControlPlane } from '../deps.ts';
import { Lookup, type CatalogueContext } from './lookup.ts';

interface RequestContext extends CatalogueContext {
  traceId: string | undefined;
}

/** The one GraphQL handler of the house, on the schema that Nest built; the guard stands before all of it. */
@Readers()
@Controller('graphql')
export class GraphqlController {
  readonly #plane: ControlPlane;
  readonly #handle: GraphqlHandler;

  constructor(@Inject(CONTROL_PLANE) plane: ControlPlane, @Inject(GraphQLSchemaHost) host: GraphQLSchemaHost) {
    this.#plane = plane;
    this.#handle = createGraphqlHandler({
      schema: () => host.schema as never,
      introspection: () => true,
      traceId: (context) => (context as RequestContext).traceId,
    });
  }

  @All()
  async answer(
    @Req() request: FastifyRequest,
    @Body() text: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { method, url, headers } = request;
    const context: RequestContext = { lookup: new Lookup(this.#plane.store), traceId: spanOf(request)?.traceId };
    const answer = await this.#handle({ method, url, headers, body: text, context });
    await reply.status(answer.status).headers(answer.headers).send(answer.body);
  }
}
