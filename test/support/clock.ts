/** The clocks of this machine, for tests of what is given them: seconds from some moment, and seconds since 1970. */
export const processClock = {
  seconds: (): number => Number(process.hrtime.bigint()) / 1e9,
  wallTime: (): number => new Date().getTime() / 1000,
};
