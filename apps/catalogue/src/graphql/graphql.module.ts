import { Injectable, Module } from '@nestjs/common';
import { AbstractGraphQLDriver, GraphQLModule } from '@nestjs/graphql';
import {
  BridgeResolver,
  ConsumerResolver,
  OperationResolver,
  PathwayResolver,
  SystemResolver,
} from './edge.resolvers.ts';
import { GraphqlController } from './graphql.controller.ts';
import { RootResolver } from './root.resolver.ts';

/** Builds the schema from the resolvers and serves nothing: {@link GraphqlController} does, behind the guard. */
@Injectable()
class SchemaDriver extends AbstractGraphQLDriver {
  async start(): Promise<void> {}
  async stop(): Promise<void> {}
}

@Module({
  imports: [GraphQLModule.forRoot({ driver: SchemaDriver, autoSchemaFile: true })],
  controllers: [GraphqlController],
  providers: [RootResolver, SystemResolver, BridgeResolver, OperationResolver, ConsumerResolver, PathwayResolver],
})
export class CatalogueGraphqlModule {}
