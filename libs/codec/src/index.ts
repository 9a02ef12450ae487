export * from './xsd/plan.ts';
