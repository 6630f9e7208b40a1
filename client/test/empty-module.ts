/** Stands in for style sheets, which the tests have no use for. */
export default {};
