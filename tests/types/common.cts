// CommonJS.

import tokenflight = require('tokenflight');
import slim = require('tokenflight/slim');

const api: tokenflight.Api = tokenflight.createApi();
void api.get<{ id: string }>('/orders').then(({ data }) => data.id);
void slim.init(new ArrayBuffer(8)).then(() => slim.createApi());
