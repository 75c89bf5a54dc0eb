#include <algorithm>

#include "abi/convention.h"
#include "abi/type_name.h"
#include "report/call_view.h"

namespace abiscope::report {

namespace {

constexpr const char* passed_names[] = {"directly", "pointer_to_copy", "hidden_reference", "result_pointer", "ignored"};
constexpr const char* location_names[] = {"general_register", "vector_register", "x87_register", "stack"};

Json steps_json(const std::vector<abi::Step>& steps) {
    Json json = Json::array();
    for (const abi::Step& step : steps) json.push_back({{"what", step.what}, {"source", step.rule}});
    return json;
}

Json travels_json(const abi::Travels& travels, const abi::TypeTable& types) {
    Json json{{"name", travels.name}};
    if (types.contains(travels.type)) json["type"] = abi::declaration(types, travels.type, {});
    json["class"] = travels.class_name;
    json["passed"] = passed_names[static_cast<std::size_t>(travels.passed)];
    json["locations"] = Json::array();
    for (const abi::Location& location : travels.locations) {
        Json place{{"kind", location_names[static_cast<std::size_t>(location.kind)]}};
        if (location.kind == abi::LocationKind::stack) place["stack_offset"] = location.stack_offset;
        else place["register"] = location.name;
        place["byte_offset"] = location.byte_offset;
        place["size"] = location.size;
        if (location.also) place["also"] = true;
        json["locations"].push_back(std::move(place));
    }
    if (travels.variadic) json["variadic"] = true;
    if (travels.spill_offset) json["spill_offset"] = *travels.spill_offset;
    json["steps"] = steps_json(travels.steps);
    return json;
}

Json one_call(const ProfileCall& one) {
    Json json{{"abi", one.profile->abi}, {"profile", one.profile->name}};
    if (one.error) {
        json["error"] = to_json(*one.error);
        return json;
    }
    const abi::Call& call = *one.call;
    if (one.condition) {
        json["condition"] = {
            {"only_if", one.condition->only_if}, {"otherwise", one.condition->otherwise}, {"evidence", one.condition->evidence}};
    }
    json["convention"] = abi::to_string(call.convention);
    json["arguments"] = Json::array();
    for (const abi::Travels& travels : call.arguments) json["arguments"].push_back(travels_json(travels, one.declared->types));
    json["result"] = call.results.empty() ? Json(nullptr) : travels_json(call.results.front(), one.declared->types);
    if (call.results.size() > 1) {
        json["results"] = Json::array();
        for (const abi::Travels& travels : call.results) json["results"].push_back(travels_json(travels, one.declared->types));
    }
    json["stack_arguments"] = call.stack_arguments;
    json["stack_alignment"] = call.stack_alignment;
    json["shadow_space"] = call.shadow_space;
    json["red_zone"] = call.red_zone;
    json["spill_space"] = call.spill_space;
    json["callee_pops"] = call.callee_pops_bytes;
    json["return_address"] = return_address(*one.profile);
    json["callee_saved"] = call.callee_saved;
    json["frame"] = Json::array();
    for (const StackRun& run : stack_runs(one))
        json["frame"].push_back({{"at_call", run.at_call}, {"at_entry", run.at_entry}, {"size", run.size}, {"what", run.what}});
    json["notes"] = steps_json(call.notes);
    return json;
}

}  // namespace

Json call_json(const FunctionCalls& function) {
    Json json{{"name", function.name}};
    if (const ProfileCall* first = function.first()) json["signature"] = signature_text(first->declared->types, first->signature);
    json["conventions"] = Json::array();
    for (const ProfileCall& one : function.profiles) json["conventions"].push_back(one_call(one));
    return json;
}

}  // namespace abiscope::report
