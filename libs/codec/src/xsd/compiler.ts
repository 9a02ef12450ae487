import { Compilation, type Site } from './compilation.ts';
import { ComplexTypes } from './complex-type.ts';
import type { LedgerBook } from './ledger-book.ts';
import { Particles, type ElementType } from './particle.ts';
import type { Shape, ShapeRef } from './plan.ts';
import type { Refusal } from './refusal.ts';
import { SimpleTypes } from './simple-type.ts';
import { documentOf, type Component, type Symbols } from './symbols.ts';
import type { XmlElement } from '../xml/tree.ts';

/** What a compilation made: unpruned, and with the reason at each shape that could not be made. */
export interface CompiledShapes {
  shapes: Shape[];
  refusals: ReadonlyMap<ShapeRef, Refusal>;
  documentation: WeakMap<object, string>;
}

/**
 * Compiles what messages refer to, once a type however often it is used. Ask for all roots first, then `finish`.
 * Both queries throw a {@link Refusal} when the name itself leads nowhere; what is wrong deeper is found by `finish`.
 */
export class SchemaCompiler {
  readonly #compilation: Compilation;
  readonly #simple: SimpleTypes;
  readonly #particles: Particles;
  readonly #complex: ComplexTypes;

  constructor(symbols: Symbols, ledger: LedgerBook) {
    this.#compilation = new Compilation(symbols, ledger);
    this.#simple = new SimpleTypes(this.#compilation);
    const types = {
      byName: (text: string, site: Site) => this.#byName(text, site),
      anonymous: (site: Site) => this.#anonymous(site),
      ofComponent: (component: Component) => this.#ofComponent(component),
    };
    this.#particles = new Particles(this.#compilation, types);
    this.#complex = new ComplexTypes(this.#compilation, this.#simple, this.#particles, types);
  }

  /** The global element that `text` means on `node`, such as `element="tns:GetPolicy"` of a message part. */
  element(text: string, node: XmlElement): ElementType {
    const component = this.#compilation.symbols.resolve('element', text, node, documentOf(node));
    return this.#particles.global(component);
  }

  /** The named type that `text` means on `node`. */
  type(text: string, node: XmlElement): ShapeRef {
    return this.#byName(text, { node, document: documentOf(node) });
  }

  finish(): CompiledShapes {
    this.#compilation.drain();
    const { shapes, refusals, documentation } = this.#compilation;
    return { shapes: shapes as Shape[], refusals, documentation };
  }

  #byName(text: string, site: Site): ShapeRef {
    const builtin = this.#compilation.builtinName(this.#compilation.reference(site, text), site.node);
    if (builtin !== undefined) return this.#compilation.builtin(builtin);
    return this.#ofComponent(this.#compilation.symbols.resolve('type', text, site.node, site.document, site.within));
  }

  #ofComponent(component: Component): ShapeRef {
    const isSimple = component.node.local === 'simpleType';
    return this.#compilation.named(component, () =>
      isSimple ? this.#simple.ofComponent(component) : this.#complex.ofComponent(component),
    );
  }

  #anonymous(site: Site): ShapeRef {
    if (site.node.local === 'simpleType') return this.#simple.ref(site);
    return this.#compilation.anonymous(site, () => this.#complex.ofNode(site));
  }
}
