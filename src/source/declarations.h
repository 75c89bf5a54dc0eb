// What a source of types hands to the engines of src/abi: types, which of them were asked about, and the functions it declares. A text in
// C, C++ or Go is one kind of source; a program's debug information is another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "abi/call.h"
#include "abi/profile.h"
#include "abi/type.h"
#include "base/result.h"

namespace abiscope::source {

// Where a member is declared, as bytes of the text; the members of one declaration (`int a, b;`) begin at the same place.
struct MemberText {
    std::size_t begin = 0;
    std::size_t end = 0;   // behind its last token; the semicolon not included
};

// The definition of a record in the text that was asked about.
struct RecordText {
    abi::TypeId type = abi::TypeId::none;
    std::size_t body_begin = 0;   // behind the `{`
    std::size_t body_end = 0;     // at the `}`
    std::vector<MemberText> members;   // as many as Record::fields has
    // Records that are converted from and to it: they have the same members, and keep the same order.
    std::vector<abi::TypeId> alike;
    std::string fixed_because;    // why the text cannot have another order of members; empty when nothing is in the way
};

// What must hold for a function's call to be as it is placed, where nothing says whether it does.
struct Condition {
    std::string only_if;                  // "it is declared ..."
    std::string otherwise;                // what is known where it does not
    std::vector<std::string> evidence;    // for it and against it
    // With types that may be what they hold in place of them (#[repr(transparent)]): an answer is one only where both travel alike.
    std::optional<abi::Signature> other_reading;
};

struct Declarations {
    abi::TypeTable types;
    std::vector<abi::TypeId> roots;         // records that the source itself defines, in the order of declaration
    std::vector<abi::TypeId>
        others;        // complete records that it takes from elsewhere (headers), found on the way; typedefs that were asked for
    // That the source itself declares, and those of headers that were asked for by name, in the order of declaration. One that is declared
    // again, and overloads of C++, are there several times under their name.
    std::vector<abi::Signature> functions;
    std::vector<std::pair<std::string, std::string>> refused;  // functions left out: name, why
    std::map<std::string, Condition, std::less<>> conditions;  // of functions that have one, by name
    std::vector<RecordText> texts;  // of roots, where the text is C or Go
};

// The declarations as the compiler of a profile sees them: `sizeof(long)` in an array bound, `#ifdef _WIN32` and Go's build constraints
// depend on it. A source that is the same everywhere answers all profiles with one object.
class TypeSource {
public:
    TypeSource() = default;
    TypeSource(const TypeSource&) = delete;
    TypeSource& operator=(const TypeSource&) = delete;
    virtual ~TypeSource() = default;

    // Errors: bad_value for a text that is not accepted, `what` being the compiler's words; unsupported for what cannot be read here.
    [[nodiscard]] virtual Result<std::shared_ptr<const Declarations>> declarations(const abi::Profile& profile) = 0;
};

}  // namespace abiscope::source
