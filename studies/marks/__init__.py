"""Does anything that a file may hold crash or hang the reader of marks?"""
