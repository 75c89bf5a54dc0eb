// Declarations of Go as they are written: types, functions' signatures, constants. What functions do is passed over.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "source/go_lexer.h"

namespace abiscope::source {

enum class GoTypeKind : std::uint8_t { named, pointer, array, slice, map, channel, function, interface_, structure };

using GoTypeIndex = std::uint32_t;   // in GoFile::types

// A run of tokens of GoFile::tokens that is an expression.
struct GoExpression {
    std::size_t from = 0;
    std::size_t to = 0;
};

struct GoField {
    std::string_view name;      // empty: a parameter without one; of an embedded field the type's
    GoTypeIndex type = 0;
    bool embedded = false;
    std::size_t begin = 0, end = 0;   // of a struct's field: bytes of the text, from its first name to its type or tag
};

struct GoType {
    GoTypeKind kind = GoTypeKind::named;
    std::string_view package;               // of a qualified name
    std::string_view name;
    std::vector<GoTypeIndex> arguments;     // of an instantiated type
    GoExpression length;                    // of an array; empty for `[...]`
    GoTypeIndex element = 0;                // of pointer, array, slice, channel, map
    GoTypeIndex key = 0;                    // of a map
    std::vector<GoField> fields;            // of a struct
    std::size_t body_begin = 0, body_end = 0;   // of a struct: bytes of the text between the braces
    std::string_view text;                  // as written; of everything but a struct
};

struct GoTypeDeclaration {
    std::string_view name;
    std::vector<std::string_view> parameters;   // of a generic type
    GoTypeIndex type = 0;
    bool alias = false;                         // type A = B
    std::uint32_t line = 0;
};

struct GoFunction {
    std::string_view name;
    std::optional<GoField> receiver;
    std::vector<GoField> parameters;            // of `...T` the type is a slice
    std::vector<GoField> results;
    bool generic = false;
};

struct GoConstant {
    std::string_view name;
    std::optional<GoExpression> value;
    std::uint64_t iota = 0;
};

// A line of one of the files of a package.
struct GoPlace {
    std::size_t file = 0;      // in the list of files
    std::uint32_t line = 0;
};

struct GoFile {
    GoTokens lexed;
    std::string_view package;
    std::map<std::string_view, std::string_view> imports;   // name -> path
    std::vector<GoType> types;
    std::vector<GoTypeDeclaration> declarations;
    std::vector<GoFunction> functions;
    std::vector<GoConstant> constants;
};

// `text` outlives the answer. A file, or a few declarations without a package clause. Errors: bad_value, with the line, for what is no Go;
// limit_reached for types nested too deeply.
[[nodiscard]] Result<GoFile> parse_go(std::string_view text);

}  // namespace abiscope::source
