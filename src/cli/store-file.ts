/** The index, in the data folder. */
export const storeFile = 'postern.db'
