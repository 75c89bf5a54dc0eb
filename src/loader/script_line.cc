#include "loader/script_line.h"

#include <fmt/format.h>

namespace abiscope::loader {

std::string words_of(const ScriptLine& line) {
    return line.argument ? fmt::format("{} {}", line.interpreter, *line.argument) : line.interpreter;
}

Place place_of(const ScriptLine& line) {
    std::string words = words_of(line);
    return {line.file, line.offset, words.size(), "script/interpreter", words};
}

}  // namespace abiscope::loader
