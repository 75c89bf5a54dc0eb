// Types and functions out of C and C++: a file, or a few lines given on the command line.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "source/declarations.h"

namespace abiscope::source {

struct CText {
    std::string name;                 // path of a file; what to call lines that come from no file
    std::string text;
    abi::Language language = abi::Language::c;
    bool snippet = false;             // no file: the usual names (__m128, uint32_t, size_t) are known without an #include
    bool texts = false;               // Declarations::texts too
    std::vector<std::string> types, functions;   // ClangRequest's
    std::vector<std::string> flags;   // -I, -D, -std...: as clang's driver takes them
};

// Parsed once for each target and standard, when first asked.
class CSource : public TypeSource {
public:
    explicit CSource(CText text) : text_(std::move(text)) {}

    [[nodiscard]] Result<std::shared_ptr<const Declarations>> declarations(const abi::Profile& profile) override;

private:
    CText text_;
    std::map<std::string, Result<std::shared_ptr<const Declarations>>, std::less<>> known_;
};

// The lines that make the usual names of C known that `text` uses: typedefs of vectors, #include of the headers every freestanding
// compiler has. One line, empty when nothing is needed.
[[nodiscard]] std::string prelude_for(std::string_view text, abi::Language language);

}  // namespace abiscope::source
