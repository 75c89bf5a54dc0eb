// What interpreters other than bash and dash say of an option that they do not have. Heard of Python 2.7 and 3.6 to 3.13, GNU sed 4.9, GNU
// Make 4.3, mawk 1.3.4, gawk 5.2, busybox 1.35, zsh 5.9, node 20, Ruby 3.1, PHP 8.2 and Lua 5.4, started by #! lines.
#pragma once

#include <span>
#include <string_view>

namespace abiscope::loader {

// The words are formats: {0} the program as it was started, {1} the letter or word, {2} the program's base name, {3} the letter's place in
// the argument, from 1; {4} the argument.
struct Refused {
    std::string_view words;        // empty: what the program makes of it is not known
    int exit_code = 0;
    bool more = true;              // usage, or another complaint, follows
};

struct ScriptOptions {
    std::string_view names;        // of the program, with blanks between; its release may follow (python3.11)
    std::string_view marker;       // what stands in every such program: others have the same name
    std::string_view blanks;       // which of blank, tab and carriage return no option has in it
    std::string_view letters;      // options of one letter and without a value, which may be joined behind one `-`
    Refused letter;                // one of `blanks` among the letters
    Refused word;                  // one of `blanks` in an option of a whole word, `--` in front; `-` where there are no letters
    std::string_view valued = {};  // letters of options whose value stands in the same word
    Refused file = {};             // `-f FILE` as one argument: {1} is FILE with the blank in front of it, or a carriage return
    std::string_view swallowing = {};   // letters whose value takes a `-f` behind it in the same argument: the script is no script then
};

[[nodiscard]] std::span<const ScriptOptions> script_options();

}  // namespace abiscope::loader
