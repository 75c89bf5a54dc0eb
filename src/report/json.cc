#include "report/json.h"

#include "base/text.h"
#include "report/finding_words.h"
#include "report/go_view.h"
#include "report/version.h"
#include "target/described_libraries.h"

namespace abiscope::report {

namespace {

Json offset_or_null(std::optional<std::uint64_t> value) { return value ? Json(*value) : Json(nullptr); }

void put(Json& json, const char* key, const std::string& value) {
    if (!value.empty()) json[key] = value;
}

Json evidence_json(const finding::Evidence& evidence) {
    Json json{{"role", to_string(evidence.role)}, {"kind", to_string(evidence.kind)}};
    put(json, "file", evidence.file);
    if (evidence.offset) json["file_offset"] = *evidence.offset;
    if (evidence.size) json["size"] = *evidence.size;
    if (evidence.address) json["address"] = text::hex(*evidence.address);
    put(json, "path", evidence.path);
    put(json, "reading", evidence.reading);
    return json;
}

Json trace_json(const finding::Trace& trace) {
    Json json = Json::array();
    for (const finding::Step& step : trace) {
        Json item{{"action", to_string(step.action)}, {"what", step.what}};
        put(item, "reason", step.reason);
        json.push_back(std::move(item));
    }
    return json;
}

Json fix_json(const finding::Fix& fix) {
    Json json{{"kind", to_string(fix.kind)},
              {"applicability", to_string(fix.applicability)},
              {"text", fix.text},
              {"verified", to_string(fix.verified)}};
    put(json, "side_effects", fix.side_effects);
    put(json, "outcome", fix.outcome);
    return json;
}

Json argument_json(const finding::Argument& argument) {
    if (const auto* number = std::get_if<std::uint64_t>(&argument)) return *number;
    if (const auto* address = std::get_if<finding::Address>(&argument)) return text::hex(address->value);
    return std::get<std::string>(argument);
}

}  // namespace

Json arguments_json(const std::vector<finding::NamedArgument>& arguments) {
    Json json = Json::object();
    for (const finding::NamedArgument& argument : arguments) json[argument.name] = argument_json(argument.value);
    return json;
}

Json to_json(const finding::Finding& finding) {
    const finding::Rule& rule = finding::rule(finding.rule());
    Json json{{"rule", rule.name}, {"severity", to_string(rule.severity)}, {"confidence", to_string(finding.confidence())}};
    put(json, "confidence_reason", finding.confidence_reason());
    json["title"] = title(finding);
    json["arguments"] = arguments_json(finding.arguments());
    json["evidence"] = Json::array();
    for (const finding::Evidence& evidence : finding.evidence()) json["evidence"].push_back(evidence_json(evidence));
    if (!finding.rejected().empty()) {
        json["rejected"] = Json::array();
        for (const auto& rejected : finding.rejected())
            json["rejected"].push_back({{"id", rejected.lookalike}, {"because", rejected.because}});
    }
    json["trace"] = trace_json(finding.trace());
    json["fixes"] = Json::array();
    for (const finding::Fix& fix : finding.fixes()) json["fixes"].push_back(fix_json(fix));
    json["fingerprint"] = text::hex(finding.fingerprint());
    return json;
}

Json to_json(const std::vector<finding::Finding>& findings) {
    Json json = Json::array();
    for (const finding::Finding& finding : findings) json.push_back(to_json(finding));
    return json;
}

Json to_json(const Error& error) {
    Json json{{"code", to_string(error.code)}, {"message", error.what}};
    put(json, "path", error.file);
    if (error.offset != Error::no_offset) json["file_offset"] = error.offset;
    put(json, "wanted", error.wanted);
    put(json, "had", error.had);
    return json;
}

Json to_json(const inspect::Subject& subject) {
    Json json{{"path", subject.path}, {"format", subject.format}};
    put(json, "arch", subject.arch);
    if (subject.bits != 0) json["bits"] = subject.bits;
    put(json, "endian", subject.endian);
    put(json, "kind", subject.kind);
    put(json, "build_id", subject.build_id);
    put(json, "sha256", subject.sha256);
    json["size"] = subject.size;
    return json;
}

Json to_json(const inspect::Card& card) {
    Json json;
    json["description"] = card.description;
    json["identity"] = Json::object();
    for (const inspect::Fact& fact : card.identity)
        json["identity"][fact.key] = {{"label", fact.label}, {"value", fact.value}, {"file_offset", offset_or_null(fact.file_offset)}};
    Json producers = Json::array();
    for (const inspect::Producer& producer : card.producers) producers.push_back({{"tool", producer.tool}, {"source", producer.source}});
    json["identity"]["built_by"] = std::move(producers);
    if (card.entry) {
        const inspect::Entry& entry = *card.entry;
        Json item{{"address", text::hex(entry.address)}};
        if (entry.rva) item["rva"] = text::hex(*entry.rva);
        item["file_offset"] = offset_or_null(entry.file_offset);
        put(item, "section", entry.section);
        put(item, "segment", entry.segment);
        put(item, "permissions", entry.permissions);
        put(item, "symbol", entry.symbol);
        if (!entry.symbol.empty()) {
            item["symbol_offset"] = entry.symbol_offset;
            item["symbol_covers"] = entry.symbol_covers;
        }
        item["instructions"] = Json::array();
        for (const inspect::Instruction& instruction : entry.instructions) {
            item["instructions"].push_back({{"address", text::hex(instruction.address)},
                                            {"file_offset", instruction.file_offset},
                                            {"bytes", instruction.bytes},
                                            {"text", instruction.text}});
        }
        json["entry"] = std::move(item);
    }
    const inspect::Linkage& linkage = card.linkage;
    json["linkage"] = {{"kind", to_string(linkage.kind)}, {"because", linkage.because}};
    if (linkage.interpreter) json["linkage"]["interpreter"] = *linkage.interpreter;
    if (linkage.soname) json["linkage"]["soname"] = *linkage.soname;
    json["linkage"]["needed"] = linkage.needed;
    json["linkage"]["rpath"] = linkage.rpath;
    json["linkage"]["runpath"] = linkage.runpath;
    json["linkage"]["flags"] = linkage.flags;
    Json versions = Json::array();
    for (const inspect::VersionRequirement& version : card.versions) {
        Json item{
            {"library", version.library}, {"version", version.version}, {"symbols", version.symbols}, {"file_offset", version.file_offset}};
        if (version.weak) item["weak"] = true;
        versions.push_back(std::move(item));
    }
    json["requires"]["versions"] = std::move(versions);
    json["requires"]["isa"] = {{"declared", card.isa.declared.empty() ? Json(nullptr) : Json(card.isa.declared)}};
    if (card.isa.sweep) {
        json["requires"]["isa"]["used"] = card.isa.sweep->level;
        Json first = Json::array();
        for (const inspect::IsaUse& use : card.isa.sweep->uses) {
            first.push_back({{"feature", use.feature},
                             {"level", use.level},
                             {"count", use.count},
                             {"instruction", use.instruction},
                             {"address", text::hex(use.address)},
                             {"file_offset", use.file_offset},
                             {"function", use.function},
                             {"guard", use.guard},
                             {"certain", use.certain}});
        }
        json["requires"]["isa"]["first"] = std::move(first);
        json["requires"]["isa"]["bytes_swept"] = card.isa.sweep->bytes;
    }
    if (!card.libc_min.empty()) json["requires"]["libc_min"] = card.libc_min;
    if (!card.os_min.empty()) json["requires"]["os_min"] = card.os_min;
    json["hardening"] = Json::object();
    for (const inspect::Hardening& item : card.hardening) {
        json["hardening"][item.key] = {{"state", to_string(item.state)}, {"value", item.value}, {"because", item.because}};
    }
    if (card.go) {
        json["go"] = {{"version", card.go->version},
                      {"path", card.go->path},
                      {"settings", settings_json(*card.go)},
                      {"modules", modules_json(*card.go)}};
    }
    json["layout"] = Json::array();
    for (const inspect::LayoutRow& row : card.layout) {
        json["layout"].push_back({{"segment", row.segment},
                                  {"permissions", row.permissions},
                                  {"address", text::hex(row.address)},
                                  {"file_offset", row.file_offset},
                                  {"file_size", row.file_size},
                                  {"memory_size", row.memory_size},
                                  {"alignment", row.alignment},
                                  {"sections", row.sections}});
    }
    if (!card.parts.empty()) {
        json["parts"] = Json::array();
        for (const inspect::Card& part : card.parts) {
            Json item{{"subject", to_json(part.subject)}};
            item.update(to_json(part));
            json["parts"].push_back(std::move(item));
        }
    }
    return json;
}

Json libraries_json(const loader::Outcome& outcome) {
    Json json = Json::array();
    for (const loader::LoadedLibrary& library : outcome.libraries) {
        Json item{{"name", library.name},
                  {"path", library.path.empty() ? Json(nullptr) : Json(library.path)},
                  {"found_by", library.path.empty() ? Json(nullptr) : Json(to_string(library.found_by))}};
        put(item, "found_detail", library.found_detail);
        put(item, "requester", library.requester);
        item["depth"] = library.depth;
        item["tried"] = trace_json(library.trace);
        json.push_back(std::move(item));
    }
    return json;
}

Json bindings_json(const loader::Outcome& outcome) {
    Json json = Json::array();
    for (const loader::Binding& binding : outcome.bindings) {
        Json item{{"symbol", binding.symbol},
                  {"from", binding.from},
                  {"to", binding.to.empty() ? Json(nullptr) : Json(binding.to)},
                  {"kind", binding.kind}};
        put(item, "version", binding.version);
        json.push_back(std::move(item));
    }
    return json;
}

Json to_json(const loader::Outcome& outcome) {
    Json json{{"verdict", to_string(outcome.verdict)}};
    if (outcome.as_library) json["as"] = "library";
    if (outcome.verdict != loader::Verdict::runs) json["stage"] = to_string(outcome.stage);
    Json message{{"text", outcome.message.text}};
    message["exit_code"] = outcome.message.exit_code ? Json(*outcome.message.exit_code) : Json(nullptr);
    message["signal"] = outcome.message.signal.empty() ? Json(nullptr) : Json(outcome.message.signal);
    message["errno"] = outcome.message.error_name.empty() ? Json(nullptr) : Json(outcome.message.error_name);
    json["message"] = std::move(message);
    json["assumptions"] = outcome.assumptions;
    return json;
}

Json to_json(const target::Target& target) {
    Json json{{"name", target.name}, {"title", target.title}, {"os", to_string(target.os)}, {"arch", to_string(target.architecture)}};
    if (!target.os_version.empty()) json["os_version"] = target.os_version.to_string();
    json["kernel"] = {{"version", target.kernel.version.empty() ? Json(nullptr) : Json(target.kernel.version.to_string())},
                      {"page_size", target.kernel.page_size},
                      {"mmap_min_addr", target.kernel.mmap_min_addr},
                      {"runs_32_bit", target.kernel.runs_32_bit}};
    if (target.kernel.binfmt_known) {
        json["kernel"]["binfmt"] = Json::array();
        for (const target::BinfmtHandler& handler : target.kernel.binfmt)
            json["kernel"]["binfmt"].push_back(
                {{"name", handler.name}, {"interpreter", handler.interpreter}, {"enabled", handler.enabled}});
    }
    json["cpu"] = {{"name", target.cpu.name}, {"exact", target.cpu.exact}, {"features", target.cpu.features}};
    auto libc = [](const target::Libc& one) {
        return Json{{"kind", to_string(one.kind)},
                    {"version", one.version.to_string()},
                    {"build", one.build},
                    {"loader", one.loader},
                    {"directories", one.directories},
                    {"lib_token", one.lib_token},
                    {"platform_token", one.platform_token},
                    {"cache", one.cache}};
    };
    json["libc"] = libc(target.libc);
    json["other_libcs"] = Json::array();
    for (const target::Libc& other : target.other_libcs) json["other_libcs"].push_back(libc(other));
    json["shell"] = {{"kind", to_string(target.shell.kind)}, {"version", target.shell.version.to_string()}};
    json["commands"] = target.commands;
    json["user"] = {{"uid", target.user.uid}, {"gid", target.user.gid}};
    auto described = target::described_libraries(target);
    if (!described.empty()) json["libraries"] = Json::array();
    for (const auto& library : described) {
        json["libraries"].push_back({{"name", library->soname},
                                     {"path", library->path},
                                     {"needed", library->needed},
                                     {"versions", library->versions},
                                     {"doubtful_versions", library->doubtful_versions},
                                     {"source", library->source}});
    }
    json["sources"] = Json::array();
    for (const target::FactSource& source : target.sources) json["sources"].push_back({{"fact", source.fact}, {"source", source.source}});
    return json;
}

Json document(std::string_view command, Json results, const std::vector<Error>& errors) {
    Json json{{"schema", "abiscope/1"}, {"command", command}, {"version", program_version}, {"results", std::move(results)}};
    json["errors"] = Json::array();
    for (const Error& error : errors) json["errors"].push_back(to_json(error));
    return json;
}

std::string dump(const Json& json, bool pretty) { return json.dump(pretty ? 2 : -1, ' ', false, Json::error_handler_t::replace); }

}  // namespace abiscope::report
