/** @returns the text without this character at its beginning and end, however often it is repeated */
export function trimCharacter(text: string, character: string): string {
  let [start, end] = [0, text.length]
  while (text[start] === character) start++
  while (end > start && text[end - 1] === character) end--
  return text.slice(start, end)
}
