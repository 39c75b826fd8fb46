// The shape that openapi-typescript writes.

type JSONContent<T> = { content: { 'application/json': T } };

export interface paths {
  '/api/notes/{id}': {
    get: {
      parameters: { path: { id: number } };
      responses: { 200: JSONContent<{ id: number; text: string }> };
    };
  };
  '/api/notes': {
    post: {
      requestBody: JSONContent<{ text: string }>;
      responses: { 201: JSONContent<{ hash: string }> };
    };
  };
  '/api/files': {
    post: {
      requestBody: { content: { 'multipart/form-data': { title: string; file: string } } };
      responses: { 201: JSONContent<{ hash: string }> };
    };
  };
}
