// The interceptor of the usual articles: a flag, a queue, a replay, and the login page when the refresh fails.

import axios from '/shop/modules/axios.js';

const api = axios.create();
let isRefreshing = false;
let failedQueue = [];

function processQueue(error, token) {
  for (const { resolve, reject } of failedQueue) {
    if (error) reject(error);
    else resolve(token);
  }
  failedQueue = [];
}

api.interceptors.request.use((config) => {
  const token = localStorage.getItem('accessToken');
  if (token) config.headers.Authorization = `Bearer ${token}`;
  return config;
});

api.interceptors.response.use((response) => response, async (error) => {
  const original = error.config;
  if (error.response?.status !== 401 || original._retry) throw error;
  original._retry = true;
  if (isRefreshing) {
    const token = await new Promise((resolve, reject) => failedQueue.push({ resolve, reject }));
    original.headers.Authorization = `Bearer ${token}`;
    return api(original);
  }
  isRefreshing = true;
  try {
    const { data } = await axios.post('/token', new URLSearchParams({
      grant_type: 'refresh_token', refresh_token: localStorage.getItem('refreshToken'), client_id: 'shop',
    }));
    localStorage.setItem('accessToken', data.access_token);
    localStorage.setItem('refreshToken', data.refresh_token);
    processQueue(null, data.access_token);
    return api(original);
  } catch (refreshError) {
    processQueue(refreshError, null);
    localStorage.removeItem('accessToken');
    localStorage.removeItem('refreshToken');
    window.location.href = '/login';
    throw refreshError;
  } finally {
    isRefreshing = false;
  }
});

export async function send(method, url, data) {
  try {
    return (await api.request({ method, url, data })).status;
  } catch (error) {
    if (error.response) return error.response.status;
    throw error;
  }
}
