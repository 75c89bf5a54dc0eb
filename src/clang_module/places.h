// Places of a text as file and line.
#pragma once

#include <string>

#include <clang/Basic/SourceManager.h>

namespace abiscope::clang_reader {

// Where the macro is used, for what a macro makes.
inline std::string place_of(clang::SourceLocation location, const clang::SourceManager& sources) {
    clang::PresumedLoc place = sources.getPresumedLoc(sources.getExpansionLoc(location));
    return place.isInvalid() ? std::string() : std::string(place.getFilename()) + ":" + std::to_string(place.getLine());
}

}  // namespace abiscope::clang_reader
