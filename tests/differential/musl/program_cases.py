"""What kind of program is started, and how."""
import os

import named_cases

CASES, case = named_cases.registry()
USE_X = "int x(void); int use(void){return x();}"


@case
def fixed_program(b):
    b.prog(flags=["-no-pie"], needed=[b.lib("a/libx.so")], runpath="$ORIGIN/a")


@case
def program_by_a_relative_path(b):
    b.prog(needed=["libgone.so", b.lib("a/libx.so", "int f(void){return 0;}")], runpath="$ORIGIN/a")
    b.program = "./prog"
    b.listable = False            # there $ORIGIN is what stands before the program's name
    b.expect(127)


@case
def program_with_a_large_stack(b):
    b.prog(flags=["-Wl,-z,stack-size=16777216"])


@case
def program_with_an_executable_stack(b):
    b.prog(flags=["-Wl,-z,execstack"])


@case
def bind_now(b):
    b.prog(flags=["-Wl,-z,now"], needed=[b.lib("a/libx.so", "int x(void){return 0;}")], runpath=f"{b.folder}/a", code=USE_X)


@case
def fifo_as_library(b):
    b.path("a/x")
    os.mkfifo(b.path("a/libx.so"))
    b.prog(needed=["libx.so"], runpath=f"{b.folder}/a")
    b.runnable = False
    b.open_question = "a pipe, socket or device"
