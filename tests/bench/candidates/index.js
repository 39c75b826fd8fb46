// All candidates, in the order of the tables.

import * as alova from './alova.js';
import * as axios from './axios.js';
import * as handwritten from './handwritten.js';
import * as ky from './ky.js';
import * as native from './native.js';
import * as ofetch from './ofetch.js';
import * as openapiFetch from './openapi-fetch.js';
import * as tokenflightFetch from './tokenflight-fetch.js';
import * as tokenflightGet from './tokenflight-get.js';
import * as wretch from './wretch.js';

export const candidates = [
  native, handwritten, tokenflightFetch, tokenflightGet, ofetch, wretch, openapiFetch, alova, axios, ky,
];
