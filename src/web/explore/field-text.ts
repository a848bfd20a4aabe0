// What a person wrote into a field of a form.

/** Without blanks around it; empty where there is no such field. */
export function fieldText(form: FormData, field: string): string {
  const text = form.get(field);
  return typeof text === 'string' ? text.trim() : '';
}
