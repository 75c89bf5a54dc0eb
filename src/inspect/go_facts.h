// What `abiscope go` answers of one program: counts, packages, and as much of functions, types and strings as is asked for. Texts point
// into the program's memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "finding/sink.h"
#include "golang/program.h"
#include "inspect/go_subjects.h"

namespace abiscope::inspect {

struct GoRequest {
    bool functions = false, types = false, packages = false, strings = false;
    std::vector<std::string> function_names, type_names;   // patterns; any of them
    std::vector<std::uint64_t> addresses;
};

struct GoInlinedCall {
    std::string_view function, file;
    std::int32_t line = 0;         // of the call
    std::int32_t parent = -1;      // index of the call this one was inlined into; -1: the function itself
};

struct GoFunction {
    std::string_view name, file;
    std::int32_t line = 0;         // where it is declared, or, before Go 1.20, its first instruction's
    golang::PclnTable::Lines lines;
    std::uint64_t entry = 0, size = 0;
    std::string_view id;           // "sigpanic"; empty for an ordinary one
    std::uint8_t flags = 0;        // golang::FuncFlag
    std::vector<GoInlinedCall> inlined;   // where functions are asked for by name
};

struct GoPackage {
    std::string path;              // empty: what the linker made
    std::uint64_t functions = 0;
    std::uint64_t bytes = 0;       // of code
};

struct GoString {
    std::uint64_t header = 0, address = 0;
    std::string_view text;
};

struct GoPlace {
    std::uint64_t address = 0;
    std::optional<golang::Function> function;   // nothing: no Go function holds the address
    std::vector<golang::SourceFrame> frames;    // innermost first
};

struct GoCounts {
    std::uint64_t functions = 0, packages = 0, code_bytes = 0, types = 0, named_types = 0, itabs = 0;
};

struct GoFacts {
    golang::Version version;
    golang::Release read_as;
    std::vector<golang::Module> modules;
    golang::PclnHeader header;                  // of the first module's table
    GoCounts counts;
    std::vector<GoPackage> packages;            // most code first
    std::vector<GoFunction> functions;          // by address
    std::vector<golang::Type> types;            // by text
    std::unordered_map<std::uint64_t, std::string_view> type_texts;   // of every type, by the address of its descriptor
    std::vector<golang::Itab> itabs;
    std::vector<GoString> strings;              // by the address of their headers
    std::vector<GoPlace> places;

    [[nodiscard]] std::string_view type_text(std::uint64_t address) const;   // "?" when it was not read
};

// Error not_found: not a Go program, or none whose tables could be found. `subject` must outlive the result.
[[nodiscard]] Result<GoFacts> go_facts(const GoSubject& subject, const GoRequest& request, finding::Sink& sink);

}  // namespace abiscope::inspect
