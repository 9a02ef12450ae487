import { ArgsType, Field, Int, ObjectType } from '@nestjs/graphql';
import type { Type } from '@nestjs/common';
import type { Page, PageRequest } from '@bailey/inventory';

@ObjectType()
export class PageInfo {
  @Field(() => String, { nullable: true })
  declare endCursor?: string;
  @Field(() => Boolean)
  declare hasNextPage: boolean;
}

/** @returns the type `{Name}Connection` of a page of `row` */
export const connectionOf = <Row>(name: string, row: () => Type<Row>): Type<Page<Row>> => {
  @ObjectType(`${name}Connection`)
  class Connection {
    @Field(() => [row()])
    declare nodes: Row[];
    @Field(() => PageInfo)
    declare pageInfo: Page<Row>['pageInfo'];
  }
  return Connection;
};

@ArgsType()
export class PageArguments implements PageRequest {
  @Field(() => Int, { nullable: true, description: '1 to 1,000; 100 when absent.' })
  declare first?: number;
  @Field(() => String, { nullable: true, description: 'The endCursor of the page before.' })
  declare after?: string;
}

/** GraphQL tells an argument that is null from one that is not there; the store does not. */
export const pageOf = ({ first, after }: PageRequest): PageRequest => ({
  ...(first == null ? {} : { first }),
  ...(after == null ? {} : { after }),
});
