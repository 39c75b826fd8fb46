// The floor: the platform's fetch, without a token and without a thought of 401.

export const name = 'native fetch';
export const duties = false;

export const create = ({ fetch }) => ({ getJson: async (url) => (await fetch(url)).json() });
