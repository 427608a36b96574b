export const user = 'ada@gmail.test'
export const password = 'abcd efgh ijkl mnop'
