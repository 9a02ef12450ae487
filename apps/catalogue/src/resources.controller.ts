import { Controller, Delete, Get, Inject, Param, Query as QueryString, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Failure, type Contract, type Ledger } from '@bailey/contract';
import type {
  BridgeRow,
  ConsumerRow,
  Kind,
  Page,
  PathwayRow,
  RevisionSummary,
  Store,
  SystemRow,
} from '@bailey/inventory';
import { actorOf } from './access/admission.ts';
import { Readers, Writers } from './access/roles.ts';
import { Registrar, type RemoveAnswer } from './apply/registrar.ts';
import { CONTROL_PLANE, type ControlPlane } from './deps.ts';
import { listAnswer, pageRequest, type ListAnswer, type Query } from './page-query.ts';

interface BridgeAnswer extends BridgeRow {
  createdAt: string;
  contentHash: string;
  sourceHash: string;
  contract: Contract;
  ledger: Ledger;
}

const only = <Row>(kind: Kind, name: string, { nodes }: Page<Row>): Row => {
  const [row] = nodes;
  if (row !== undefined) return row;
  const code = kind === 'Bridge' ? 'UNKNOWN_BRIDGE' : 'NOT_FOUND';
  throw Failure.of(code, `Reading the ${kind} "${name}": there is none of that name.`);
};

/** What is registered, as lists and one by one. */
@Readers()
@Controller('control/v1')
export class ResourcesController {
  readonly #store: Store;

  constructor(@Inject(CONTROL_PLANE) { store }: ControlPlane) {
    this.#store = store;
  }

  @Get('bridges')
  async bridges(@QueryString() query: Query): Promise<ListAnswer<BridgeRow>> {
    return listAnswer(await this.#store.bridges(pageRequest(query, ['system', 'adapter'])));
  }

  @Get('bridges/:name')
  async bridge(@Param('name') name: string): Promise<BridgeAnswer> {
    const row = only('Bridge', name, await this.#store.bridges({ name }));
    const { createdAt, contentHash, described } = await this.#store.revision(name, row.revision);
    const { contract, ledger, sourceHash } = described;
    return { ...row, createdAt, contentHash, sourceHash, contract, ledger };
  }

  @Get('bridges/:name/revisions')
  async revisions(@Param('name') name: string): Promise<ListAnswer<RevisionSummary>> {
    const items = await this.#store.revisions(name);
    if (items.length === 0) throw Failure.of('UNKNOWN_BRIDGE', `Reading the revisions of "${name}": there are none.`);
    return { items };
  }

  @Get('systems')
  async systems(@QueryString() query: Query): Promise<ListAnswer<SystemRow>> {
    return listAnswer(await this.#store.systems(pageRequest(query, [])));
  }

  @Get('systems/:name')
  async system(@Param('name') name: string): Promise<SystemRow> {
    return only('System', name, await this.#store.systems({ name }));
  }

  @Get('consumers')
  async consumers(@QueryString() query: Query): Promise<ListAnswer<ConsumerRow>> {
    return listAnswer(await this.#store.consumers(pageRequest(query, [])));
  }

  @Get('consumers/:name')
  async consumer(@Param('name') name: string): Promise<ConsumerRow> {
    return only('Consumer', name, await this.#store.consumers({ name }));
  }

  @Get('pathways')
  async pathways(@QueryString() query: Query): Promise<ListAnswer<PathwayRow>> {
    return listAnswer(await this.#store.pathways(pageRequest(query, ['consumer', 'bridge', 'system'])));
  }

  @Get('pathways/:name')
  async pathway(@Param('name') name: string): Promise<PathwayRow> {
    return only('Pathway', name, await this.#store.pathways({ name }));
  }
}

/** Takes registrations away again. */
@Writers()
@Controller('control/v1')
export class RemovalController {
  readonly #registrar: Registrar;

  constructor(@Inject(Registrar) registrar: Registrar) {
    this.#registrar = registrar;
  }

  @Delete('bridges/:name')
  removeBridge(@Param('name') name: string, @Req() request: FastifyRequest): Promise<RemoveAnswer> {
    return this.#registrar.remove('Bridge', name, actorOf(request));
  }

  @Delete('systems/:name')
  removeSystem(@Param('name') name: string, @Req() request: FastifyRequest): Promise<RemoveAnswer> {
    return this.#registrar.remove('System', name, actorOf(request));
  }

  @Delete('consumers/:name')
  removeConsumer(@Param('name') name: string, @Req() request: FastifyRequest): Promise<RemoveAnswer> {
    return this.#registrar.remove('Consumer', name, actorOf(request));
  }

  @Delete('pathways/:name')
  removePathway(@Param('name') name: string, @Req() request: FastifyRequest): Promise<RemoveAnswer> {
    return this.#registrar.remove('Pathway', name, actorOf(request));
  }
}
