// Addresses that belong to one endpoint: of the page, and of the API.
import { path, query } from '../../base/api';

export const pageOf = (name: string, tab?: string): string => path`/ml/endpoints/${name}` + query({ tab });
export const editPageOf = (name: string): string => path`/ml/endpoints/${name}/edit`;
export const clonePageOf = (name: string): string => '/ml/create-endpoint' + query({ from: name });
export const playgroundOf = (name: string): string => '/ml/playground' + query({ endpoint: name });

export const endpointPath = (name: string): string => path`/api/2.0/serving-endpoints/${name}`;
export const endpointKey = (name: string): string[] => ['endpoint', name];
export const permissionsPath = (id: string): string => path`/api/2.0/permissions/serving-endpoints/${id}`;
