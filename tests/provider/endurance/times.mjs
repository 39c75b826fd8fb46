// What several modules have to agree on, in ms.

/** The option of the same name that the pages create their api with. */
export const REFRESH_TIMEOUT = 4000;

/** What is done to tabs reaches them one by one. */
export const SLACK = 400;
