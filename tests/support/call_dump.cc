// Where the arguments and results of calls travel, for tests/differential/abi_calls.py. Reads a line `profile NAME [FLAG...]`, types in the
// form of type_text.h, and lines `call LANGUAGE [named=N] [old] [convention=NAME] [receiver=TYPE] params TYPE... results TYPE...`; prints a
// JSON object for each call.
#include <array>
#include <iostream>
#include <map>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "abi/call.h"
#include "abi/profile_catalogue.h"
#include "base/text.h"
#include "support/type_text.h"

namespace {

using namespace abiscope;
using namespace abiscope::abi;
using nlohmann::json;

const std::map<std::string, Convention> conventions{
    {"sysv_abi", Convention::sysv_amd64},
    {"ms_abi", Convention::win64},
    {"cdecl", Convention::cdecl32},
    {"stdcall", Convention::stdcall},
    {"fastcall", Convention::fastcall},
    {"thiscall", Convention::thiscall},
    {"vectorcall64", Convention::vectorcall64},
    {"vectorcall32", Convention::vectorcall32},
};

// call LANGUAGE [named=N] [old] [convention=NAME] [receiver=TYPE] params TYPE... results TYPE...
Signature signature(const std::string& line, test::TypeText& types) {
    Signature out;
    std::vector<Parameter>* list = nullptr;
    for (std::string_view word : text::split(line, " ")) {
        auto value = [&](std::string_view key) { return word.starts_with(key) ? std::optional(word.substr(key.size())) : std::nullopt; };
        if (word.empty() || word == "call") continue;
        if (word == "params") {
            list = &out.parameters;
        } else if (word == "results") {
            list = &out.results;
        } else if (list != nullptr) {
            list->push_back({(list == &out.results ? "r" : "p") + std::to_string(list->size()), types.type(word)});
        } else if (word == "old") {
            out.prototyped = false;
        } else if (auto named = value("named=")) {
            out.named = static_cast<std::uint32_t>(text::parse_unsigned(*named).value());
        } else if (auto convention = value("convention=")) {
            out.convention = conventions.at(std::string(*convention));
        } else if (auto receiver = value("receiver=")) {
            out.receiver = types.type(*receiver);
        } else {
            out.language = word == "cxx" ? Language::cxx : word == "go" ? Language::go : Language::c;
        }
    }
    return out;
}

json travels(const Travels& what) {
    constexpr std::array passed{"directly", "pointer", "reference", "result pointer", "ignored"};
    constexpr std::array places{"general", "vector", "x87", "stack"};
    json locations = json::array();
    for (const Location& location : what.locations) {
        locations.push_back({{"kind", places.at(static_cast<std::size_t>(location.kind))},
                             {"register", location.name},
                             {"stack", location.stack_offset},
                             {"byte", location.byte_offset},
                             {"size", location.size},
                             {"also", location.also}});
    }
    json steps = json::array();
    for (const Step& step : what.steps) steps.push_back(step.what + " [" + step.rule + "]");
    json out{{"name", what.name},
             {"passed", passed.at(static_cast<std::size_t>(what.passed))},
             {"class", what.class_name},
             {"locations", locations},
             {"steps", steps}};
    if (what.spill_offset) out["spill"] = *what.spill_offset;
    return out;
}

json answer(const Result<Call>& call) {
    if (!call) return {{"error", call.error().describe()}};
    json out{{"arguments", json::array()}, {"results", json::array()}, {"notes", json::array()}};
    for (const Travels& argument : call->arguments) out["arguments"].push_back(travels(argument));
    for (const Travels& result : call->results) out["results"].push_back(travels(result));
    for (const Step& note : call->notes) out["notes"].push_back(note.what);
    out["stack"] = call->stack_arguments;
    out["spill"] = call->spill_space;
    out["alignment"] = call->stack_alignment;
    out["pops"] = call->callee_pops_bytes;
    return out;
}

}  // namespace

int main() {
    std::string declarations, line;
    Profile profile;
    std::vector<std::string> calls;
    while (std::getline(std::cin, line)) {
        if (line.starts_with("profile ")) {
            std::vector<std::string_view> words = text::split(line, " ");
            auto found = find_profile(words.at(1));
            if (!found) {
                std::cerr << found.error().describe() << '\n';
                return 1;
            }
            profile = *std::move(found);
            for (std::size_t i = 2; i < words.size(); ++i) profile.flags.emplace_back(words[i]);
        } else if (line.starts_with("call ")) {
            calls.push_back(line);
        } else {
            declarations += line + '\n';
        }
    }
    test::TypeText types(declarations);
    for (const std::string& call : calls) {
        Signature wanted = signature(call, types);
        std::cout << answer(place_call(types.table, wanted, profile)).dump() << std::endl;
    }
}
