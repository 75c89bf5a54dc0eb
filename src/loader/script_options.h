// What interpreters other than bash and dash say of an option that they do not have, and which options change nothing about the script.
// Heard of Python 2.7 and 3.6 to 3.13, GNU sed 4.9, GNU Make 4.3, mawk 1.3.4, gawk 5.2, busybox 1.35, zsh 5.9, ksh 93u+m, mksh R59,
// tcsh 6.24, fish 3.6, jq 1.6, node 20, Ruby 3.1, PHP 8.2 and Lua 5.4, started by #! lines.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace abiscope::loader {

// The words are formats: {0} the program as it was started, {1} the letter or word, {2} the program's base name, {3} the letter's place in
// the argument, from 1; {4} the argument;
// {5} its rest from there.
struct Refused {
    std::string_view words;        // empty: what the program makes of it is not known
    std::optional<int> exit_code;  // nothing: it depends on the release
    bool more = true;              // usage, or another complaint, follows
};

inline constexpr std::string_view busybox_marker = "BusyBox v";

struct ScriptOptions {
    std::string_view names;        // of the program, with blanks between; its release may follow (python3.11)
    std::string_view marker;       // what stands in every such program: others have the same name
    std::string_view blanks;       // which of blank, tab and carriage return, and which letters, are no option of any release
    std::string_view letters;      // options of one letter and without a value, which may be joined behind one `-`
    Refused letter;                // one of `blanks` among the letters
    Refused word;                  // one of `blanks` in an option of a whole word, `--` in front; `-` where there are no letters
    std::string_view valued = {};  // letters of options whose value stands in the same word
    Refused file = {};             // `-f FILE` as one argument: {1} is FILE with the blank in front of it, or a carriage return
    std::string_view reading = {};     // letters without which the script is not read, but its name taken for the program
    std::string_view instead = {};     // letters by which something else than the script is the program
    std::string_view words = {};       // arguments that change nothing, with blanks between
    bool complete = false;         // options that are in none of these lists are known to nobody here; otherwise they are let pass
    Refused name = {};             // `-o NAME`: {1} is what follows in the argument, or else the script
    bool name_apart = false;       // {1} is always the script
    Refused operand = {};          // an argument that is no option is the script; {1}: its name, where there is none
};

[[nodiscard]] std::span<const ScriptOptions> script_options();

}  // namespace abiscope::loader
