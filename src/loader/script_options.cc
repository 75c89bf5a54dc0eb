#include "loader/script_options.h"

#include <array>

namespace abiscope::loader {

namespace {

constexpr std::string_view all_blanks = " \t\r";
constexpr bool alone = false;

constexpr Refused by_getopt(int exit_code) { return {"{0}: invalid option -- '{1}'", exit_code}; }
constexpr Refused by_getopt_long(int exit_code) { return {"{0}: unrecognized option '{1}'", exit_code}; }

constexpr std::array all = std::to_array<ScriptOptions>({
    {.names = "python",
     .marker = "Py_",
     .blanks = all_blanks,
     .letters = "bBdEiIOPqRsStuvx",
     .letter = {"Unknown option: -{1}\nusage: {0} [option] ... [-c cmd | -m mod | file | -] [arg] ...\n"
                "Try `python -h' for more information.",
                2, alone},
     .word = {"unknown option {1}\nusage: {0} [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry `python -h' for more information.",
              2, alone}},
    {.names = "sed",
     .marker = "GNU sed",
     .blanks = all_blanks,
     .letters = "bEnrsuz",
     .letter = by_getopt(1),
     .word = by_getopt_long(1),
     .file = {"{0}: couldn't open file {1}: No such file or directory", 4, alone}},
    {.names = "make gmake",
     .marker = "GNU Make",
     .blanks = all_blanks,
     .letters = "BbdeikLmnpqrRsStw",
     .letter = by_getopt(2),
     .word = by_getopt_long(2),
     .file = {"{2}: {1}: No such file or directory", 2}},
    {.names = "mawk awk",
     .marker = "mawk %d.%d",
     .blanks = {},
     .letters = {},
     .letter = {},
     .word = {},
     .file = {"{2}: cannot open {1} (No such file or directory)", 2, alone},
     .swallowing = "Fv"},
    {.names = "gawk awk",
     .marker = "GNU Awk",
     .blanks = " \t",
     .letters = "bcCghMnNOPrsStV",
     .letter = {"Usage: {2} [POSIX or GNU style options] -f progfile [--] file ...", 1},
     .word = {"Usage: {2} [POSIX or GNU style options] -f progfile [--] file ...", 1},
     .swallowing = "Fv"},
    {.names = "awk",
     .marker = "BusyBox v",
     .blanks = {},
     .letters = {},
     .letter = {},
     .word = {},
     .file = {"awk: can't open '{1}': No such file or directory", 1, alone},
     .swallowing = "Fv"},
    {.names = "sh ash",
     .marker = "BusyBox v",
     .blanks = all_blanks,
     .letters = "abefilmnpsuvxCEIV",
     .letter = {"{0}: illegal option -{1}", 2, alone},
     .word = {}},
    {.names = "zsh",
     .marker = "bad option string",
     .blanks = " ",
     .letters = "efhilmnuvxF",
     .letter = {"{0}: bad option string: '{4}'", 1, alone},
     .word = {}},
    {.names = "ruby",
     .marker = "ruby_",
     .blanks = " \t",
     .letters = "alnpsSw",
     .letter = {"{0}: invalid option -{1}  (-h will show valid options) (RuntimeError)", 1, alone},
     .word = {}},
    {.names = "php",
     .marker = "option not found",
     .blanks = " \t",
     .letters = "Cnq",
     .letter = {"Error in argument 1, char {3}: option not found {1}", 1},
     .word = {}},
    {.names = "node nodejs",
     .marker = "Node.js",
     .blanks = all_blanks,
     .letters = {},
     .letter = {},
     .word = {"{0}: bad option: {1}", 9, alone}},
    {.names = "lua",
     .marker = "unrecognized option '%s'",
     .blanks = all_blanks,
     .letters = {},
     .letter = {},
     .word = by_getopt_long(1),
     .valued = "el"},
});

}  // namespace

std::span<const ScriptOptions> script_options() { return all; }

}  // namespace abiscope::loader
