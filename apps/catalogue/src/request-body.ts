import { Failure, type JsonSchema, type PointerError } from '@bailey/contract';
import { compileSchema } from '@bailey/platform';

const parse = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? '');
  } catch (error) {
    throw Failure.of('MALFORMED_JSON', `Reading the body: ${(error as Error).message}.`, { cause: error });
  }
};

/** `errors` holds at least one; the first stands in the sentence too. */
export const wrongBody = (errors: PointerError[]): Failure => {
  const { pointer, message } = errors[0]!;
  return Failure.of('INVALID_INPUT', `Reading the body: ${pointer === '' ? '' : `${pointer} `}${message}.`, { errors });
};

/** A reader of JSON bodies of one shape. Throws `MALFORMED_JSON`, or `INVALID_INPUT` with every place. */
export const bodyReader = <Body>(schema: JsonSchema): ((text: string | undefined) => Body) => {
  const check = compileSchema(schema);
  return (text) => {
    const body = parse(text);
    const errors = check(body).map(({ pointer, message }) => ({ pointer, message }));
    if (errors.length === 0) return body as Body;
    throw wrongBody(errors);
  };
};
