// What is left out, for whoever runs a command: once, on standard error.

export function tellOnce(): (why: string) => void {
  const told = new Set<string>();
  return (why) => {
    if (told.has(why)) return;
    told.add(why);
    console.error(`left out: ${why}`);
  };
}
