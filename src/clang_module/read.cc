// The one entry of the module: a text, a target and flags in; declarations or clang's complaints out.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/Basic/Diagnostic.h>
#include <clang/Basic/DiagnosticSema.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Frontend/ASTUnit.h>
#include <clang/Tooling/Tooling.h>

#include "base/text.h"
#include "clang_module/instantiate.h"
#include "clang_module/record_texts.h"
#include "clang_module/syntax_visitor.h"
#include "clang_module/translator.h"
#include "source/clang_module.h"

namespace abiscope::clang_reader {

namespace {

constexpr std::size_t most_errors = 20;
constexpr const char* header_folder = "/abiscope/headers";   // in memory

class Complaints : public clang::DiagnosticConsumer {
public:
    Complaints(std::vector<std::string>& errors, std::vector<IgnoredAttribute>& ignored) : errors_(errors), ignored_(ignored) {}

    void HandleDiagnostic(clang::DiagnosticsEngine::Level level, const clang::Diagnostic& diagnostic) override {
        clang::DiagnosticConsumer::HandleDiagnostic(level, diagnostic);
        bool ignored = diagnostic.getID() == clang::diag::warn_unknown_attribute_ignored ||
            diagnostic.getID() == clang::diag::ext_cannot_use_trivial_abi;
        if (ignored && diagnostic.hasSourceManager()) note_attribute(diagnostic);
        if (level < clang::DiagnosticsEngine::Error || errors_.size() >= most_errors) return;
        llvm::SmallString<128> words;
        diagnostic.FormatDiagnostic(words);
        std::string text;
        if (diagnostic.hasSourceManager() && diagnostic.getLocation().isValid()) {
            clang::PresumedLoc place = diagnostic.getSourceManager().getPresumedLoc(diagnostic.getLocation());
            if (place.isValid()) {
                text = std::string(place.getFilename()) + ":" + std::to_string(place.getLine()) + ":" + std::to_string(place.getColumn()) +
                    ": ";
            }
        }
        errors_.push_back(text + words.str().str());
    }

private:
    // "unknown attribute 'gcc_struct' ignored", "'trivial_abi' cannot be applied to 'C'"
    void note_attribute(const clang::Diagnostic& diagnostic) {
        llvm::SmallString<128> words;
        diagnostic.FormatDiagnostic(words);
        auto [before, rest] = words.str().split('\'');
        ignored_.push_back({rest.split('\'').first.str(), diagnostic.getLocation()});
    }

    std::vector<std::string>& errors_;
    std::vector<IgnoredAttribute>& ignored_;
};

// Finds what the text declares, in the order of its lines; what headers declare is translated when something of the text needs it or it was
// asked for, and is there by name.
class Finder : public SyntaxVisitor {
public:
    Finder(clang::ASTContext& context, Translator& translator, const source::ClangRequest& request)
        : sources_(context.getSourceManager()), translator_(translator), request_(request) {}

    void record(clang::RecordDecl& record) override {
        if (!record.isThisDeclarationADefinition() || record.isDependentType() || record.isInvalidDecl() || record.isInjectedClassName() ||
            record.isLambda() || record.isImplicit())
            return;
        bool has_name = !record.getDeclName().isEmpty() || record.getTypedefNameForAnonDecl() != nullptr;
        if (has_name) translator_.add_record(record, is_own(record));
    }

    void function(clang::FunctionDecl& function) override {
        if (function.isImplicit() || function.isInvalidDecl() || function.isDependentContext() || function.isTemplated()) return;
        if (llvm::isa<clang::CXXConstructorDecl, clang::CXXDestructorDecl, clang::CXXDeductionGuideDecl>(function)) return;
        if (is_own(function) || is_asked_for(function, request_.functions)) functions_.push_back(&function);
    }

    void type_name(clang::TypedefNameDecl& name) override {
        if (!name.isInvalidDecl() && !name.getUnderlyingType()->isDependentType() && name.getUnderlyingType()->isRecordType() &&
            is_asked_for(name, request_.types))
            names_.push_back(&name);
    }

    // What needs templates instantiated waits for the end of the walk: it would change what is walked over.
    void finish(clang::Sema& sema, std::vector<std::string>& errors) {
        for (clang::FunctionDecl* function : functions_) {
            std::size_t before = errors.size();
            instantiate_for_call(sema, *function);
            if (errors.size() == before) translator_.add_function(*function);
            else translator_.refuse_function(*function, errors[before]);
            errors.resize(before);  // the text itself is accepted
        }
        for (clang::TypedefNameDecl* name : names_) {
            std::size_t before = errors.size();
            instantiate(sema, name->getUnderlyingType(), name->getLocation());
            errors.resize(before);
            const clang::RecordDecl* record = name->getUnderlyingType()->getAs<clang::RecordType>()->getDecl();
            // One that is shown under its own name need not be shown again.
            if (record->getDefinition() != nullptr && !is_asked_for(*record, request_.types)) translator_.add_alias(*name);
        }
    }

private:
    [[nodiscard]] bool is_own(const clang::Decl& declaration) const {
        return sources_.isInMainFile(sources_.getExpansionLoc(declaration.getLocation()));
    }
    [[nodiscard]] bool is_asked_for(const clang::NamedDecl& declaration, const std::vector<std::string>& patterns) const {
        if (patterns.empty()) return false;
        std::string name = translator_.name_of(declaration);
        return std::ranges::any_of(patterns, [&](const std::string& pattern) { return text::glob_match(pattern, name); });
    }

    clang::SourceManager& sources_;
    Translator& translator_;
    const source::ClangRequest& request_;
    std::vector<clang::FunctionDecl*> functions_;
    std::vector<clang::TypedefNameDecl*> names_;
};

void read(const source::ClangRequest& request, source::ClangAnswer& answer) {
    bool cxx = request.language == abi::Language::cxx;
    std::vector<std::string> arguments{"-x",
                                       cxx ? "c++" : "c",
                                       "-target",
                                       request.triple,
                                       "-fsyntax-only",
                                       "-ferror-limit=20",
                                       "-Wno-everything",
                                       "-Wignored-attributes",
                                       "-Wunknown-attributes"};
    clang::tooling::FileContentMappings headers;
    for (const source::CompilerHeader& header : request.headers)
        headers.emplace_back(std::string(header_folder) + "/" + header.name, header.text);
    if (!headers.empty()) arguments.insert(arguments.end(), {"-isystem", header_folder});
    arguments.insert(arguments.end(), request.flags.begin(), request.flags.end());
    std::vector<IgnoredAttribute> ignored;
    Complaints complaints(answer.errors, ignored);
    std::unique_ptr<clang::ASTUnit> unit = clang::tooling::buildASTFromCodeWithArgs(
        request.text, arguments, request.file, ABISCOPE_CLANG_PROGRAM, std::make_shared<clang::PCHContainerOperations>(),
        clang::tooling::getClangStripDependencyFileAdjuster(), headers, &complaints);
    if (!unit) {
        if (answer.errors.empty()) answer.errors.emplace_back("clang does not accept its flags");
        return;
    }
    if (!answer.errors.empty()) return;
    Translator translator(unit->getASTContext(), request.gcc, ignored, answer.declarations);
    // Instantiated templates have layouts too.
    Finder finder(unit->getASTContext(), translator, request);
    finder.visit(unit->getASTContext(), true);
    finder.finish(unit->getSema(), answer.errors);
    translator.finish();
    if (!cxx && request.texts) read_record_texts(unit->getASTContext(), translator, answer.declarations);
}

}  // namespace

}  // namespace abiscope::clang_reader

extern "C" {
[[gnu::visibility("default")]] extern const char abiscope_clang_build[] = ABISCOPE_VERSION;

[[gnu::visibility("default")]] void abiscope_clang_read(const abiscope::source::ClangRequest& request,
                                                        abiscope::source::ClangAnswer& answer) {
    abiscope::clang_reader::read(request, answer);
}
}
