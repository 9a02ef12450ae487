import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { IssuedKey } from '@bailey/inventory';
import { hashKey, newKey } from '@bailey/platform';
import { actorOf } from './access/admission.ts';
import { Admins, ROLES } from './access/roles.ts';
import { CONTROL_PLANE, type ControlPlane } from './deps.ts';
import type { ListAnswer } from './page-query.ts';
import { bodyReader } from './request-body.ts';

interface KeyRequest {
  id?: string;
  name?: string;
  roles?: string[];
  scopes?: string[];
  consumer?: string;
}

const NAME = { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$' } as const;

const readKeyRequest = bodyReader<KeyRequest>({
  type: 'object',
  properties: {
    id: NAME,
    name: NAME,
    roles: { type: 'array', items: { type: 'string', enum: [...ROLES] } },
    scopes: { type: 'array', items: { type: 'string', minLength: 1 } },
    consumer: { type: 'string', minLength: 1 },
  },
  oneOf: [{ required: ['id'] }, { required: ['name'] }],
  additionalProperties: false,
});

type ListedKey = Omit<IssuedKey, 'hash'>;

const withoutHash = ({ hash: _, ...key }: IssuedKey): ListedKey => key;

/** API keys: shown once when they are issued, known by their hash from then on. */
@Admins()
@Controller('control/v1/keys')
export class KeysController {
  readonly #plane: ControlPlane;

  constructor(@Inject(CONTROL_PLANE) plane: ControlPlane) {
    this.#plane = plane;
  }

  @Post()
  async issue(@Body() body: string | undefined, @Req() request: FastifyRequest): Promise<ListedKey & { key: string }> {
    const { id, name, roles = [], scopes = [], consumer } = readKeyRequest(body);
    const key = newKey();
    const record = {
      id: (id ?? name)!,
      hash: hashKey(key),
      roles,
      scopes,
      ...(consumer === undefined ? {} : { consumer }),
    };
    const issued = await this.#plane.store.keys.issue(record, actorOf(request));
    await this.#plane.keyring.refresh();
    return { ...withoutHash(issued), key };
  }

  @Get()
  async list(): Promise<ListAnswer<ListedKey>> {
    return { items: (await this.#plane.store.keys.list()).map(withoutHash) };
  }

  @Delete(':id')
  @HttpCode(204)
  async revoke(@Param('id') id: string): Promise<void> {
    await this.#plane.store.keys.revoke(id);
    await this.#plane.keyring.refresh();
  }
}
