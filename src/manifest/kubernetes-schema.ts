import * as z from 'zod';
import { filledText, port } from './schema-words.ts';

/** How a node is seen by Kubernetes, where the model does not tell. */
export const kubernetesSchema = z
  .strictObject({
    service: z
      .enum(['ClusterIP', 'LoadBalancer', 'NodePort'])
      .optional()
      .describe('the type of its Service; ClusterIP when not given'),
    ingress: filledText.optional().describe('the endpoint that an Ingress leads to, where one is switched on'),
    external: z
      .strictObject({
        host: filledText,
        port: port.optional().describe('for its first endpoint; that of the endpoint when not given'),
      })
      .optional()
      .describe('where pods find it when it is not in the cluster; its own name when not given'),
  })
  .describe('what only Kubernetes asks about it');
