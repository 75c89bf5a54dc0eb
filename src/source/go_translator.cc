#include "source/go_translator.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "abi/type_name.h"
#include "source/go_standard.h"

namespace abiscope::source {

namespace {

constexpr unsigned deepest = 100;
constexpr std::size_t most_types = 200000;        // instantiated types may ask for ever more
constexpr std::size_t longest_name = 1000;

}  // namespace

abi::TypeId GoTranslator::add(abi::Type made) {
    made.language = abi::Language::go;
    return out_.types.add(std::move(made));
}

abi::TypeId GoTranslator::unknown(std::string why) { return add({.kind = abi::Kind::unknown, .name = std::move(why)}); }

abi::TypeId GoTranslator::scalar(std::string_view name, abi::Scalar which, std::uint32_t bits) {
    return add({.kind = abi::Kind::scalar, .scalar = which, .name = std::string(name), .bits = bits});
}

// The predeclared types; none for another name.
abi::TypeId GoTranslator::basic(std::string_view name) {
    struct Integer {
        std::string_view name;
        abi::Scalar scalar;
        std::uint32_t bits;
    };
    constexpr Integer scalars[] = {
        {"bool", abi::Scalar::boolean, 0},           {"int", abi::Scalar::word, 0},
        {"uint", abi::Scalar::unsigned_word, 0},     {"uintptr", abi::Scalar::unsigned_word, 0},
        {"int8", abi::Scalar::fixed_signed, 8},      {"int16", abi::Scalar::fixed_signed, 16},
        {"int32", abi::Scalar::fixed_signed, 32},    {"int64", abi::Scalar::fixed_signed, 64},
        {"uint8", abi::Scalar::fixed_unsigned, 8},   {"uint16", abi::Scalar::fixed_unsigned, 16},
        {"uint32", abi::Scalar::fixed_unsigned, 32}, {"uint64", abi::Scalar::fixed_unsigned, 64},
        {"byte", abi::Scalar::fixed_unsigned, 8},    {"rune", abi::Scalar::fixed_signed, 32},
        {"float32", abi::Scalar::float_, 0},         {"float64", abi::Scalar::double_, 0},
    };
    for (const Integer& known : scalars) {
        if (known.name == name) return scalar(name, known.scalar, known.bits);
    }
    if (name == "string") return add({.kind = abi::Kind::go_string, .name = "string"});
    if (name == "error" || name == "any") return add({.kind = abi::Kind::go_interface, .name = std::string(name)});
    if (name == "complex64" || name == "complex128") {
        abi::TypeId half =
            scalar(name == "complex64" ? "float32" : "float64", name == "complex64" ? abi::Scalar::float_ : abi::Scalar::double_);
        return add({.kind = abi::Kind::complex, .name = std::string(name), .target = half});
    }
    return abi::TypeId::none;
}

void GoTranslator::add_file(const GoFile& file) {
    own_.files.push_back(&file);
    for (const GoTypeDeclaration& declaration : file.declarations) own_.types.try_emplace(declaration.name, &file, &declaration);
}

const GoTranslator::Package* GoTranslator::standard(std::string_view path) {
    if (auto at = standard_.find(path); at != standard_.end()) return at->second.get();
    const auto* found = std::ranges::find(go_standard, path, &GoStandardPackage::path);
    if (found == std::end(go_standard)) return nullptr;
    auto parsed = parse_go(found->text);
    if (!parsed) return nullptr;
    standard_files_.push_back(std::make_unique<GoFile>(*std::move(parsed)));
    const GoFile& file = *standard_files_.back();
    auto package = std::make_unique<Package>();
    package->prefix = fmt::format("{}.", file.package);
    package->files.push_back(&file);
    for (const GoTypeDeclaration& declaration : file.declarations) package->types.try_emplace(declaration.name, &file, &declaration);
    return standard_.emplace(std::string(path), std::move(package)).first->second.get();
}

abi::TypeId GoTranslator::array(const GoType& type_, const Scope& scope) {
    auto& constants = constants_[scope.package];
    if (!constants) constants = std::make_unique<GoConstants>(scope.package->files, pointer_);
    auto length = constants->value(*scope.file, type_.length);
    if (!length || *length < 0) return unknown(fmt::format("{}, whose length is no constant that is known here,", type_.text));
    abi::TypeId element = type(type_.element, scope);
    return add({.kind = abi::Kind::array, .target = element, .count = static_cast<std::uint64_t>(*length)});
}

abi::TypeId GoTranslator::named(const GoType& type_, const Scope& scope) {
    if (scope.arguments != nullptr && type_.package.empty()) {
        if (auto at = scope.arguments->find(type_.name); at != scope.arguments->end()) return at->second;
    }
    std::vector<abi::TypeId> arguments;
    arguments.reserve(type_.arguments.size());
    for (GoTypeIndex argument : type_.arguments) arguments.push_back(type(argument, scope));
    if (type_.package.empty()) {
        if (scope.package->types.contains(type_.name)) return declared(*scope.package, type_.name, arguments, scope.depth);
        abi::TypeId predeclared = basic(type_.name);
        return predeclared != abi::TypeId::none ? predeclared : unknown(std::string(type_.name));
    }
    // Declarations of -e have no imports: a package is then taken by its name.
    auto import = scope.file->imports.find(type_.package);
    std::string_view path =
        import == scope.file->imports.end() ? (type_.package == "atomic" ? "sync/atomic" : type_.package) : import->second;
    if (path == "unsafe" && type_.name == "Pointer") return add({.kind = abi::Kind::pointer, .name = "unsafe.Pointer"});
    const Package* package = standard(path);
    if (package == nullptr || !package->types.contains(type_.name)) return unknown(fmt::format("{}.{}", type_.package, type_.name));
    return declared(*package, type_.name, arguments, scope.depth);
}

abi::TypeId GoTranslator::declared(const Package& package, std::string_view name, const std::vector<abi::TypeId>& arguments,
                                   unsigned depth) {
    const auto& [file, declaration] = package.types.find(name)->second;
    std::string full = package.prefix + std::string(name);
    if (!arguments.empty()) {
        std::string list;
        for (abi::TypeId argument : arguments) list += (list.empty() ? "" : ",") + abi::declaration(out_.types, argument, {});
        full += "[" + list + "]";
    }
    if (auto at = known_.find(full); at != known_.end()) return at->second;
    if (arguments.size() != declaration->parameters.size())
        return unknown(fmt::format("{}, which has {} type parameters,", full, declaration->parameters.size()));
    // A type that instantiates itself with more of itself has no end; Go refuses it too.
    if (out_.types.size() > most_types || full.size() > longest_name || depth > deepest) return unknown("a type that goes on for ever");
    const Arguments* environment = nullptr;
    if (!arguments.empty()) {
        Arguments& made = environments_.emplace_back();
        for (std::size_t i = 0; i < arguments.size(); ++i) made.emplace(declaration->parameters[i], arguments[i]);
        environment = &made;
    }
    abi::Type made{.language = abi::Language::go, .name = full, .declared = {.file = {}, .line = declaration->line}};
    abi::TypeId id;
    if (file->types[declaration->type].kind == GoTypeKind::structure) {
        made.kind = abi::Kind::record;
        // The compiler knows this one by name (abi/go_layout.cc).
        if (full == "atomic.align64") made.name = "sync/atomic.align64";
        abi::Record record;
        record.complete = false;
        id = out_.types.add(std::move(made), std::move(record));
    } else {
        made.kind = abi::Kind::alias;
        id = out_.types.add(std::move(made));
    }
    known_.emplace(std::move(full), id);
    waiting_.push_back(
        {.id = id, .scope = {.file = file, .package = &package, .arguments = environment, .depth = depth + 1}, .type = declaration->type});
    return id;
}

abi::TypeId GoTranslator::type(GoTypeIndex index, const Scope& scope) {
    const GoType& from = scope.file->types[index];
    switch (from.kind) {
        case GoTypeKind::named: return named(from, scope);
        case GoTypeKind::array: return array(from, scope);
        case GoTypeKind::pointer: {
            abi::TypeId target = type(from.element, scope);
            return add({.kind = abi::Kind::pointer, .target = target});
        }
        case GoTypeKind::slice: {
            abi::TypeId target = type(from.element, scope);
            return add({.kind = abi::Kind::go_slice, .target = target});
        }
        case GoTypeKind::channel: {
            abi::TypeId target = type(from.element, scope);
            return add({.kind = abi::Kind::go_channel, .target = target});
        }
        case GoTypeKind::map: {
            abi::TypeId key = type(from.key, scope), value = type(from.element, scope);
            return add({.kind = abi::Kind::go_map, .target = value, .owner = key});
        }
        case GoTypeKind::function: return add({.kind = abi::Kind::go_function, .name = std::string(from.text)});
        case GoTypeKind::interface_:
            return add({.kind = abi::Kind::go_interface,
                        .name = from.text.find('\n') == std::string_view::npos ? std::string(from.text) : "interface{...}"});
        case GoTypeKind::structure: {
            abi::TypeId id = out_.types.add({.kind = abi::Kind::record, .language = abi::Language::go}, abi::Record{});
            fill(id, from, scope);
            return id;
        }
    }
    return unknown("a type");
}

void GoTranslator::fill(abi::TypeId id, const GoType& from, const Scope& scope) {
    abi::Record record;
    for (const GoField& field : from.fields) {
        record.fields.push_back({.name = std::string(field.name), .type = type(field.type, scope), .embedded = field.embedded});
        const GoType& of = scope.file->types[field.type];
        if (of.package == "structs" && of.name == "HostLayout") record.host_layout = true;
    }
    *out_.types.record(id) = std::move(record);
}

void GoTranslator::finish() {
    while (!waiting_.empty()) {
        Body next = waiting_.front();
        waiting_.pop_front();
        const GoType& from = next.scope.file->types[next.type];
        if (from.kind == GoTypeKind::structure) {
            fill(next.id, from, next.scope);
        } else {
            abi::TypeId target = type(next.type, next.scope);
            out_.types.at(next.id).target = target;
        }
    }
}

void GoTranslator::function(const GoFunction& from, const Scope& scope) {
    std::string name(from.name);
    abi::Signature signature{.name = name, .language = abi::Language::go};
    if (from.receiver) {
        const GoType* of = &scope.file->types[from.receiver->type];
        if (of->kind == GoTypeKind::pointer) of = &scope.file->types[of->element];
        signature.name = fmt::format("{}.{}", of->name, name);
        if (!of->arguments.empty()) {
            out_.refused.emplace_back(signature.name, "a method of a generic type has a convention only when it is instantiated");
            return;
        }
        signature.receiver = type(from.receiver->type, scope);
    }
    if (from.generic) {
        out_.refused.emplace_back(signature.name, "a generic function has a convention only when it is instantiated");
        return;
    }
    auto list = [&](const std::vector<GoField>& fields, std::vector<abi::Parameter>& to) {
        for (const GoField& field : fields) to.push_back({.name = std::string(field.name), .type = type(field.type, scope)});
    };
    list(from.parameters, signature.parameters);
    list(from.results, signature.results);
    out_.functions.push_back(std::move(signature));
}

void GoTranslator::add_text(abi::TypeId id, const GoTypeDeclaration& declaration, const GoFile& file) {
    const GoType& body = file.types[declaration.type];
    if (body.kind != GoTypeKind::structure) return;
    RecordText text{.type = id, .body_begin = body.body_begin, .body_end = body.body_end};
    for (const GoField& field : body.fields) text.members.push_back({field.begin, field.end});
    if (declaration.alias) text.fixed_because = "it is an alias of a struct without a name: all with the same members are one type";
    out_.texts.push_back(std::move(text));
}

void GoTranslator::translate(const GoFile& file) {
    Scope scope{.file = &file, .package = &own_, .arguments = nullptr, .depth = 0};
    for (const GoTypeDeclaration& declaration : file.declarations) {
        if (!declaration.parameters.empty() || declaration.name == "_") continue;
        abi::TypeId id = declared(own_, declaration.name, {}, 0);
        finish();
        if (out_.types.record(id) == nullptr) continue;
        out_.roots.push_back(id);
        add_text(id, declaration, file);
    }
    for (const GoFunction& one : file.functions) function(one, scope);
    finish();
    // Instantiated types and those of other files can be asked for by name.
    for (const auto& [name, id] : known_) {
        if (out_.types.record(id) != nullptr && std::ranges::find(out_.roots, id) == out_.roots.end()) out_.others.push_back(id);
    }
}

}  // namespace abiscope::source
