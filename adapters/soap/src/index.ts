import { defineAdapter } from '@bailey/contract';
import { soapConfig, type SoapConfig } from './config.ts';
import { connectSoap, soapEgress } from './connect.ts';
import { describeWsdl } from './describe.ts';
import { soapOffline } from './offline.ts';
import type { SoapPlan } from './plan.ts';

export default defineAdapter<SoapConfig, SoapPlan>({
  kind: 'soap',
  config: soapConfig,
  describe: describeWsdl,
  connect: connectSoap,
  egress: soapEgress,
  offline: soapOffline,
});
