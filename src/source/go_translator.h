// From Go's syntax to the type model, for one build.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "source/declarations.h"
#include "source/go_constant.h"
#include "source/go_syntax.h"

namespace abiscope::source {

class GoTranslator {
public:
    GoTranslator(std::uint32_t pointer, Declarations& out) : pointer_(pointer), out_(out) {}

    // Files of the package at hand; they outlive this.
    void add_file(const GoFile& file);
    // Every type and function of a file that was added.
    void translate(const GoFile& file);

private:
    // A package's names: its own one, or one of the standard library.
    struct Package {
        std::string prefix;   // "time."
        std::vector<const GoFile*> files;
        std::map<std::string_view, std::pair<const GoFile*, const GoTypeDeclaration*>, std::less<>> types;
    };
    using Arguments = std::map<std::string_view, abi::TypeId, std::less<>>;
    struct Scope {
        const GoFile* file = nullptr;
        const Package* package = nullptr;
        const Arguments* arguments = nullptr;
        unsigned depth = 0;
    };
    struct Body {
        abi::TypeId id = abi::TypeId::none;
        Scope scope;
        GoTypeIndex type = 0;
    };

    abi::TypeId type(GoTypeIndex index, const Scope& scope);
    abi::TypeId named(const GoType& type, const Scope& scope);
    abi::TypeId declared(const Package& package, std::string_view name, const std::vector<abi::TypeId>& arguments, unsigned depth);
    abi::TypeId array(const GoType& type, const Scope& scope);
    abi::TypeId basic(std::string_view name);
    abi::TypeId scalar(std::string_view name, abi::Scalar which, std::uint32_t bits = 0);
    abi::TypeId unknown(std::string why);
    abi::TypeId add(abi::Type made);
    void fill(abi::TypeId id, const GoType& from, const Scope& scope);
    void finish();
    void add_text(abi::TypeId id, const GoTypeDeclaration& declaration, const GoFile& file);
    void function(const GoFunction& from, const Scope& scope);
    const Package* standard(std::string_view path);

    std::uint32_t pointer_;
    Declarations& out_;
    Package own_;
    std::map<std::string, std::unique_ptr<Package>, std::less<>> standard_;
    std::vector<std::unique_ptr<GoFile>> standard_files_;
    std::map<const Package*, std::unique_ptr<GoConstants>> constants_;
    std::map<std::string, abi::TypeId, std::less<>> known_;    // by full name, arguments included
    std::deque<Arguments> environments_;                       // of instantiations; stays in place
    std::deque<Body> waiting_;
};

}  // namespace abiscope::source
