/** The text of a style sheet, as the build hands it over. */
declare module '*.css' {
  const text: string;
  export default text;
}
