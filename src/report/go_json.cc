#include "base/text.h"
#include "report/go_view.h"

namespace abiscope::report {

namespace {

using inspect::GoFacts;

Json range_json(const golang::AddressRange& range) { return {{"start", text::hex(range.start)}, {"end", text::hex(range.end)}}; }

Json version_json(const golang::Version& version) {
    Json json{{"text", version.text.empty() ? Json(nullptr) : Json(version.text)}, {"source", golang::to_string(version.source)}};
    json["first"] = version.release ? version.release->to_string() : version.shape.first.to_string();
    json["last"] = version.release ? version.release->to_string() : version.shape.last.to_string();
    json["because"] = version.because;
    if (version.file_offset) json["file_offset"] = *version.file_offset;
    return json;
}

Json module_json(const golang::Module& module) {
    Json json{{"address", text::hex(module.address)}, {"function_table", text::hex(module.table_address)}};
    if (module.file_offset) json["file_offset"] = *module.file_offset;
    json["laid_out_as"] = module.shape_known ? Json(module.fits.to_string()) : Json(nullptr);
    json["text"] = range_json(module.text);
    json["data"] = range_json(module.data);
    json["noptrdata"] = range_json(module.noptrdata);
    json["bss"] = range_json(module.bss);
    json["noptrbss"] = range_json(module.noptrbss);
    if (module.shape_known) json["types"] = range_json(module.types);
    if (!module.plugin_path.empty()) json["plugin_path"] = module.plugin_path;
    return json;
}

Json function_json(const inspect::GoFunction& function) {
    Json json{{"name", function.name}, {"entry", text::hex(function.entry)}, {"size", function.size}};
    if (!function.file.empty()) json["file"] = function.file;
    json["line"] = function.line;
    json["first_line"] = function.lines.first;
    json["last_line"] = function.lines.last;
    if (!function.id.empty()) json["id"] = function.id;
    Json flags = Json::array();
    if ((function.flags & golang::func_flag_top_frame) != 0) flags.push_back("top_frame");
    if ((function.flags & golang::func_flag_sp_write) != 0) flags.push_back("sp_write");
    if ((function.flags & golang::func_flag_asm) != 0) flags.push_back("asm");
    if (!flags.empty()) json["flags"] = std::move(flags);
    for (const inspect::GoInlinedCall& call : function.inlined)
        json["inlined"].push_back({{"function", call.function}, {"file", call.file}, {"line", call.line}, {"parent", call.parent}});
    return json;
}

Json list_of(const std::vector<std::uint64_t>& types, const GoFacts& facts) {
    Json json = Json::array();
    for (std::uint64_t one : types) json.push_back(facts.type_text(one));
    return json;
}

Json fields_json(const golang::Type& type, const GoFacts& facts) {
    Json json = Json::array();
    for (const golang::StructField& field : type.fields) {
        Json one{{"name", field.name}, {"type", facts.type_text(field.type)}, {"offset", field.offset}};
        if (!field.tag.empty()) one["tag"] = field.tag;
        if (!field.package.empty()) one["package"] = field.package;
        if (field.embedded) one["embedded"] = true;
        json.push_back(std::move(one));
    }
    return json;
}

Json methods_json(const golang::Type& type, const GoFacts& facts) {
    Json json = Json::array();
    for (const golang::InterfaceMethod& method : type.interface_methods) {
        Json one{{"name", method.name}, {"type", facts.type_text(method.type)}};
        if (!method.package.empty()) one["package"] = method.package;
        json.push_back(std::move(one));
    }
    for (const golang::Method& method : type.methods) {
        Json one{{"name", method.name}};
        if (!method.package.empty()) one["package"] = method.package;
        if (method.type != 0) one["type"] = facts.type_text(method.type);
        if (method.function != 0) one["function"] = text::hex(method.function);
        json.push_back(std::move(one));
    }
    return json;
}

Json type_json(const golang::Type& type, const GoFacts& facts) {
    Json json{{"text", type.text}, {"kind", golang::to_string(type.kind)}, {"address", text::hex(type.address)}};
    if (type.named) json["name"] = golang::name_of(type);
    if (!type.package.empty()) json["package"] = type.package;
    json["size"] = type.size;
    json["align"] = type.alignment;
    json["field_align"] = type.field_alignment;
    json["pointer_bytes"] = type.pointer_bytes;
    json["hash"] = text::hex(type.hash);
    if (type.key != 0) json["key"] = facts.type_text(type.key);
    if (type.element != 0) json["element"] = facts.type_text(type.element);
    if (type.kind == golang::Kind::array) json["length"] = type.length;
    if (type.kind == golang::Kind::chan) json["direction"] = type.direction == 1 ? "receive" : type.direction == 2 ? "send" : "both";
    if (type.kind == golang::Kind::struct_) json["fields"] = fields_json(type, facts);
    if (type.kind == golang::Kind::func) {
        json["in"] = list_of(type.in, facts);
        json["out"] = list_of(type.out, facts);
        json["variadic"] = type.variadic;
    }
    if (!type.methods.empty() || type.kind == golang::Kind::interface) json["methods"] = methods_json(type, facts);
    return json;
}

Json place_json(const inspect::GoPlace& place) {
    Json json{{"address", text::hex(place.address)}};
    if (!place.function) return json;
    json["function_entry"] = text::hex(place.function->entry);
    for (const golang::SourceFrame& frame : place.frames) {
        Json one{{"function", frame.function}, {"file", frame.file}, {"line", frame.line}};
        if (frame.start_line != 0) one["start_line"] = frame.start_line;
        one["inlined"] = frame.inlined;
        json["frames"].push_back(std::move(one));
    }
    return json;
}

template <typename List, typename Make>
void put_list(Json& json, const char* name, const List& list, Make make) {
    json[name] = Json::array();
    for (const auto& one : list) json[name].push_back(make(one));
}

}  // namespace

Json settings_json(const golang::BuildInfo& build) {
    Json settings = Json::object();
    for (const auto& [key, value] : build.settings) settings[key] = value;
    return settings;
}

Json modules_json(const golang::BuildInfo& build) {
    Json modules = Json::array();
    auto add = [&](const golang::GoModule& module) {
        Json item{{"path", module.path}, {"version", module.version}};
        if (!module.sum.empty()) item["sum"] = module.sum;
        if (!module.replaced_by.empty()) item["replaced_by"] = module.replaced_by;
        modules.push_back(std::move(item));
    };
    if (build.main) add(*build.main);
    for (const golang::GoModule& module : build.dependencies) add(module);
    return modules;
}

Json go_json(const GoView& view) {
    const GoFacts& facts = *view.facts;
    const inspect::GoRequest& request = *view.request;
    Json go{{"version", facts.version.text}, {"version_source", version_json(facts.version)}};
    if (*view.build) {
        go["path"] = (*view.build)->path;
        go["settings"] = settings_json(**view.build);
        go["modules"] = modules_json(**view.build);
    }
    go["read_as"] = facts.read_as.to_string();
    put_list(go, "module_data", facts.modules, module_json);
    go["counts"] = {{"functions", facts.counts.functions},     {"packages", facts.counts.packages},
                    {"code_bytes", facts.counts.code_bytes},   {"types", facts.counts.types},
                    {"named_types", facts.counts.named_types}, {"itabs", facts.counts.itabs}};
    put_list(go, "packages", facts.packages, [](const inspect::GoPackage& package) {
        return Json{{"path", package.path}, {"functions", package.functions}, {"code_bytes", package.bytes}};
    });
    if (request.functions || !request.function_names.empty()) put_list(go, "functions", facts.functions, function_json);
    if (request.types || !request.type_names.empty()) {
        put_list(go, "types", facts.types, [&](const golang::Type& type) { return type_json(type, facts); });
        put_list(go, "itabs", facts.itabs, [&](const golang::Itab& itab) {
            return Json{
                {"address", text::hex(itab.address)}, {"interface", facts.type_text(itab.interface)}, {"type", facts.type_text(itab.type)}};
        });
    }
    if (request.strings) {
        put_list(go, "strings", facts.strings, [](const inspect::GoString& one) {
            return Json{{"header", text::hex(one.header)}, {"address", text::hex(one.address)}, {"text", one.text}};
        });
    }
    if (!request.addresses.empty()) put_list(go, "at", facts.places, place_json);
    return Json{{"go", std::move(go)}};
}

}  // namespace abiscope::report
