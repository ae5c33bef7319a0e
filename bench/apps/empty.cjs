// The smallest possible program.
