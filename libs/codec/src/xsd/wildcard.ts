/** `namespaces` of an xsd:any as a test of a namespace ('' for none). */
export const wildcardTest = (namespaces: string): ((uri: string) => boolean) => {
  if (namespaces === '##any') return () => true;
  if (namespaces.startsWith('##other')) {
    const target = namespaces.slice('##other'.length).trim();
    return (uri) => uri !== '' && uri !== target;
  }
  const listed = new Set(namespaces.split(' '));
  return (uri) => listed.has(uri);
};
