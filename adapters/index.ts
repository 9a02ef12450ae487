import type { Adapter } from '@bailey/contract';
import soap from '@bailey/adapter-soap';

/** Every protocol that Bailey speaks. A new one is its folder and one line here. */
export const adapters: readonly Adapter[] = [soap as Adapter];
