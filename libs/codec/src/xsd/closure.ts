import { NameScope, pascalName } from '@bailey/contract';
import type { CompiledShapes } from './compiler.ts';
import type { LedgerBook } from './ledger-book.ts';
import type { ElementParticle, Particle, Shape, ShapeRef } from './plan.ts';
import type { Refusal } from './refusal.ts';

const elementsOf = function* (particle: Particle): Generator<ElementParticle> {
  if (particle.kind === 'element') yield particle;
  else if (particle.kind !== 'any') for (const child of particle.particles) yield* elementsOf(child);
};

/** Shapes that this one cannot be without. */
const needsOf = function* (shape: Shape): Generator<ShapeRef> {
  if (shape.kind === 'array') yield shape.item;
  if (shape.kind === 'simple') {
    if (shape.list !== undefined) yield shape.list;
    yield* shape.union ?? [];
  }
  if (shape.kind !== 'complex') return;
  if (shape.text !== undefined) yield shape.text.type;
  for (const attribute of shape.attributes) yield attribute.type;
  if (shape.content !== undefined) for (const element of elementsOf(shape.content)) yield element.type;
};

/** Shapes that may stand in its place, or in that of its elements. */
const alternativesOf = function* (shape: Shape): Generator<ShapeRef> {
  if (shape.kind !== 'complex') return;
  yield* shape.derived ?? [];
  if (shape.content === undefined) return;
  for (const element of elementsOf(shape.content))
    for (const substitute of element.substitutes ?? []) yield substitute.type;
};

const usersOf = (shapes: Shape[]): ShapeRef[][] => {
  const users: ShapeRef[][] = shapes.map(() => []);
  for (const [index, shape] of shapes.entries()) for (const need of needsOf(shape)) users[need]!.push(index);
  return users;
};

/**
 * The refusal behind every shape that cannot be used, its own or that of something it needs. A refused type that only
 * may stand for another is struck from the other's alternatives, and the ledger says so.
 */
export const refusedShapes = (
  { shapes, refusals }: CompiledShapes,
  ledger: LedgerBook,
): ReadonlyMap<ShapeRef, Refusal> => {
  const refused = new Map(refusals);
  if (refused.size === 0) return refused;
  const users = usersOf(shapes);
  const pending = [...refused.keys()];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const user of users[next]!) {
      if (refused.has(user)) continue;
      refused.set(user, refused.get(next)!);
      pending.push(user);
    }
  }
  for (const shape of shapes) if (shape.kind === 'complex') strikeRefused(shape, refused, ledger);
  return refused;
};

const strikeRefused = (
  shape: Extract<Shape, { kind: 'complex' }>,
  refused: ReadonlyMap<ShapeRef, Refusal>,
  ledger: LedgerBook,
): void => {
  const isUsable = (type: ShapeRef): boolean => {
    const refusal = refused.get(type);
    if (refusal !== undefined) ledger.add(refusal.entry);
    return refusal === undefined;
  };
  const derived = shape.derived?.filter(isUsable) ?? [];
  if (derived.length > 0) shape.derived = derived;
  else delete shape.derived;
  if (shape.content === undefined) return;
  for (const element of elementsOf(shape.content)) {
    const substitutes = element.substitutes?.filter(({ type }) => isUsable(type)) ?? [];
    if (substitutes.length > 0) element.substitutes = substitutes;
    else delete element.substitutes;
  }
};

const mappedParticle = (
  particle: Particle,
  to: (ref: ShapeRef) => ShapeRef,
  copied: (from: object, to: object) => void,
): Particle => {
  if (particle.kind === 'any') return particle;
  if (particle.kind !== 'element')
    return { ...particle, particles: particle.particles.map((child) => mappedParticle(child, to, copied)) };
  const substitutes = particle.substitutes?.map((substitute) => ({ ...substitute, type: to(substitute.type) }));
  const mapped = { ...particle, type: to(particle.type), ...(substitutes && { substitutes }) };
  copied(particle, mapped);
  return mapped;
};

const mappedShape = (
  shape: Shape,
  to: (ref: ShapeRef) => ShapeRef,
  copied: (from: object, to: object) => void,
): Shape => {
  if (shape.kind === 'anyType') return shape;
  if (shape.kind === 'array') return { ...shape, item: to(shape.item) };
  if (shape.kind === 'simple')
    return {
      ...shape,
      ...(shape.list !== undefined && { list: to(shape.list) }),
      ...(shape.union && { union: shape.union.map(to) }),
    };
  const attributes = shape.attributes.map((attribute) => {
    const mapped = { ...attribute, type: to(attribute.type) };
    copied(attribute, mapped);
    return mapped;
  });
  return {
    ...shape,
    attributes,
    ...(shape.derived && { derived: shape.derived.map(to) }),
    ...(shape.text && { text: { name: shape.text.name, type: to(shape.text.type) } }),
    ...(shape.content && { content: mappedParticle(shape.content, to, copied) }),
  };
};

/** Only what the roots reach, in the order they reach it, and where each shape went. */
export const reachableShapes = (
  compiled: CompiledShapes,
  roots: Iterable<ShapeRef>,
): { shapes: Shape[]; to: (ref: ShapeRef) => ShapeRef } => {
  const places = new Map<ShapeRef, ShapeRef>();
  const order: ShapeRef[] = [];
  const visit = (ref: ShapeRef): void => {
    if (places.has(ref)) return;
    places.set(ref, order.length);
    order.push(ref);
  };
  for (const root of roots) visit(root);
  for (let index = 0; index < order.length; index++) {
    const shape = compiled.shapes[order[index]!]!;
    for (const need of needsOf(shape)) visit(need);
    for (const alternative of alternativesOf(shape)) visit(alternative);
  }
  const to = (ref: ShapeRef): ShapeRef => places.get(ref)!;
  const copied = (from: object, copy: object): void => {
    const text = compiled.documentation.get(from);
    if (text !== undefined) compiled.documentation.set(copy, text);
  };
  const shapes = order.map((ref) => {
    const shape = compiled.shapes[ref]!;
    const mapped = mappedShape(shape, to, copied);
    copied(shape, mapped);
    return mapped;
  });
  return { shapes, to };
};

/** Gives named complex types their API names, in order; the scope goes on to name what JSON Schema shares. */
export const nameTypes = (shapes: Shape[], ledger: LedgerBook, where: { file: string; line: number }): NameScope => {
  const scope = new NameScope();
  for (const shape of shapes) {
    if (shape.kind !== 'complex' || shape.qname === undefined) continue;
    const wanted = pascalName(shape.qname.local);
    shape.apiName = scope.claim(wanted);
    if (shape.apiName === wanted) continue;
    ledger.approximated(
      'name',
      `{${shape.qname.ns}}${shape.qname.local}`,
      where,
      `Its API name is ${shape.apiName}: another type has the shorter one.`,
    );
  }
  return scope;
};

/** How often other shapes refer to each, and the first element that does: what has no name of its own is named so. */
export const referencesTo = (shapes: Shape[]): { counts: number[]; hints: (string | undefined)[] } => {
  const counts = shapes.map(() => 0);
  const hints: (string | undefined)[] = shapes.map(() => undefined);
  const count = (ref: ShapeRef, hint?: string): void => {
    counts[ref]!++;
    hints[ref] ??= hint;
  };
  for (const shape of shapes) {
    if (shape.kind === 'array') count(shape.item, shape.itemName);
    if (shape.kind !== 'complex' || shape.content === undefined) continue;
    for (const element of elementsOf(shape.content)) {
      count(element.type, element.local);
      for (const substitute of element.substitutes ?? []) count(substitute.type, substitute.local);
    }
  }
  return { counts, hints };
};
