#include "source/go_calls.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "debuginfo/program_abi.h"
#include "source/entry_places.h"

namespace abiscope::source {

namespace {

using abi::LocationKind;

// Go 1.22, cmd/compile: parameters named _ are recorded, as ~p0.
constexpr unsigned records_blanks = 22;

// In the caller's frame, where //go:cgo_unsafe_args puts it.
bool is_in_caller(const dwarf::CodeParameter& result) {
    if (result.at_entry.empty() || !result.at_entry.front().place) return false;
    const dwarf::Location& place = *result.at_entry.front().place;
    return place.kind == dwarf::Location::Kind::at_canonical_frame || (place.kind == dwarf::Location::Kind::at_frame && place.offset >= 0);
}

bool blank(std::string_view name) { return name.starts_with("~r") || name.starts_with("~b") || name.starts_with("~p"); }

// main.(*T).M, main.T.M: the type of the first parameter is named in front of the method. Not closures in it (M.func1), nor what binds or
// splits it (M-fm, M-range1).
bool is_method(const abi::TypeTable& types, std::string_view name, abi::TypeId first) {
    if (name.find(".(*") != std::string_view::npos && name.find(").") != std::string_view::npos) {
        std::size_t end = name.rfind(").");
        return name.find_first_of(".-", end + 2) == std::string_view::npos;
    }
    if (!types.contains(first)) return false;
    std::string_view type = types.at(first).name;
    return !type.empty() && name.size() > type.size() + 1 && name.starts_with(type) && name[type.size()] == '.' &&
        name.find_first_of(".-", type.size() + 1) == std::string_view::npos;
}

// One body serves all types of one shape: a pointer to what tells them apart travels in front of the parameters (Go,
// cmd/compile/internal/noder/reader.go, shapeSig). Closures in it capture that. Since 1.27 it is recorded among the parameters.
constexpr std::string_view dictionary = ".dict";
bool takes_dictionary(std::string_view name, bool method) {
    return name.find("[go.shape.") != std::string_view::npos && (method || name.ends_with(']'));
}

// In generic code a parameter's type is a typedef `.param0` of its own.
abi::TypeId shown_type(const abi::TypeTable& types, abi::TypeId id) {
    bool numbered = types.contains(id) && types.at(id).kind == abi::Kind::alias && types.at(id).name.starts_with(".param");
    return numbered ? types.at(id).target : id;
}

// Of Go 1.
std::optional<std::uint64_t> minor_release(std::string_view producer) {
    std::string_view release = debuginfo::go_release(producer);
    return release.empty() ? std::nullopt : text::parse_unsigned(release.substr(std::string_view("go1.").size()));
}

std::string obstacle(const dwarf::FunctionSignature& function) {
    const dwarf::FunctionCode& code = function.code;
    if (code.file.ends_with(".s"))
        return fmt::format("it is written in assembly, and Go records none of its parameters: see {}", text::printable(code.file));
    if (auto release = minor_release(function.producer); release && *release < records_blanks)
        return "Go before 1.22 records no parameter named _, and those take their place in a call: read its source";
    if (!code.has_code) return "it is inlined wherever it is called: nothing calls it, and Go does not record all of its parameters";
    if (function.name.find("._Cfunc_") != std::string::npos || function.name.find("._cgo") != std::string::npos)
        return "cgo made it, for Go's stack ABI: what travels to C is the signature of the C function";
    return {};
}

using Recorded = std::vector<const dwarf::CodeParameter*>;   // as the engine has them; null: not recorded

// What the compiler recorded of their places, and the engine does not come to; empty where they agree.
std::string contradiction(const abi::TypeTable& types, const abi::Signature& signature, const Recorded& arguments, const Recorded& results,
                          const abi::Profile& own) {
    auto call = abi::place_call(types, signature, own);
    if (!call) return {};   // says why itself
    for (std::size_t i = 0; i < arguments.size() && i < call->arguments.size(); ++i) {
        if (arguments[i] == nullptr || held_against(call->arguments[i], *arguments[i], own) != Evidence::against) continue;
        return fmt::format("{} arrives elsewhere than the recorded parameters put it: something travels with them that Go did not record",
                           text::printable(arguments[i]->name));
    }
    for (std::size_t i = 0; i < results.size() && i < call->results.size(); ++i) {
        const std::vector<abi::Location>& computed = call->results[i].locations;
        if (!computed.empty() && computed.front().kind != LocationKind::stack && is_in_caller(*results[i]))
            return "its result lies in the caller's frame: it follows Go's stack ABI, not the one of its release";
    }
    return {};
}

}  // namespace

GoCall go_call(abi::TypeTable& types, const dwarf::FunctionSignature& function, const abi::Function& type,
               const std::optional<abi::Profile>& own, std::string name) {
    GoCall out{.signature = {.name = std::move(name), .language = abi::Language::go}, .refused = obstacle(function)};
    if (!out.refused.empty()) return out;
    const std::vector<dwarf::CodeParameter>& recorded = function.code.parameters;
    if (recorded.size() != type.parameters.size()) {
        out.refused = "its parameters are recorded in two ways";
        return out;
    }
    abi::Signature& signature = out.signature;
    Recorded arguments, results;
    bool method =
        !recorded.empty() && !recorded.front().result && is_method(types, function.name, shown_type(types, type.parameters.front()));
    auto add_dictionary = [&] {
        if (!takes_dictionary(function.name, method)) return;
        if (std::ranges::find(recorded, dictionary, &dwarf::CodeParameter::name) != recorded.end()) return;
        arguments.push_back(nullptr);
        signature.parameters.push_back(
            {std::string(dictionary), types.add(abi::Type{.kind = abi::Kind::pointer, .language = abi::Language::go})});
    };
    if (!method) add_dictionary();
    for (std::size_t i = 0; i < recorded.size(); ++i) {
        // cmd/compile writes some results twice (seen in 1.22 to 1.27); no two parameters of Go have one name.
        if (std::ranges::count(recorded.begin(), recorded.begin() + static_cast<std::ptrdiff_t>(i), recorded[i].name,
                               &dwarf::CodeParameter::name) != 0)
            continue;
        abi::TypeId shown = shown_type(types, type.parameters[i]);
        if (recorded[i].result) {
            results.push_back(&recorded[i]);
            signature.results.push_back({blank(recorded[i].name) ? std::string() : recorded[i].name, shown});
            continue;
        }
        arguments.push_back(&recorded[i]);
        if (method && i == 0) {
            signature.receiver = shown;
            add_dictionary();
            continue;
        }
        signature.parameters.push_back({blank(recorded[i].name) ? "_" : recorded[i].name, shown});
    }
    if (own) out.refused = contradiction(types, signature, arguments, results, *own);
    return out;
}

}  // namespace abiscope::source
