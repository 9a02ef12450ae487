import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AccessGuard } from './access/access.guard.ts';
import { ApplyController } from './apply/apply.controller.ts';
import { Registrar } from './apply/registrar.ts';
import { CONTROL_PLANE, type ControlPlane } from './deps.ts';
import { CatalogueGraphqlModule } from './graphql/graphql.module.ts';
import { HealthController } from './health.controller.ts';
import { KeysController } from './keys.controller.ts';
import { RemovalController, ResourcesController } from './resources.controller.ts';

/** What every module may ask for. */
@Module({})
class ControlPlaneModule {}

@Module({})
export class CatalogueModule {
  static of(plane: ControlPlane): DynamicModule {
    const provider = { provide: CONTROL_PLANE, useValue: plane };
    return {
      module: CatalogueModule,
      imports: [
        { module: ControlPlaneModule, global: true, providers: [provider], exports: [provider] },
        CatalogueGraphqlModule,
      ],
      controllers: [HealthController, ResourcesController, RemovalController, ApplyController, KeysController],
      providers: [Registrar, { provide: APP_GUARD, useClass: AccessGuard }],
    };
  }
}
