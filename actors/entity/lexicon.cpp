#include "actors/entity/lexicon.hpp"

#include <array>
#include <vector>

#include <xxhash.h>

namespace graphrag::entity {
namespace {

struct Group {
  std::uint32_t classes;
  std::string_view words; // separated by single spaces
};

constexpr std::uint32_t relation_verb = class_verb | class_relational;

constexpr Group groups[] = {
    {class_article | class_linker | class_function, "the a an"},
    {class_joiner | class_function, "of"},
    {class_joiner, "de la le du des del della di da dos das van von der den ter ten al el bin ibn "
                   "ben zu af av ap y"},
    {class_linker | class_function,
     "and in on at to for from with by or as no not into my your our is not up off out "
     "over under about against between through without"},
    {class_function,
     "this that these those there here when where while who whom whose which what why how after "
     "before since until during although though because if unless however therefore thus hence "
     "moreover furthermore also then than so but yet nor both either neither each every all some "
     "any "
     "many most more much few several other another such one two three four five six seven eight "
     "nine "
     "ten first second third last next now today later early originally currently recently "
     "eventually finally initially overall indeed nonetheless nevertheless instead otherwise "
     "perhaps "
     "besides afterwards furthermore accordingly consequently whereas whenever wherever whether "
     "unlike once only even just still again often sometimes usually "
     "typically "
     "additionally meanwhile despite according like unlike among amongst within throughout along "
     "across around near above below upon toward towards per via based born located founded "
     "established formerly subsequently similarly following using including together "
     "i we you me us them him mine ours can could may might must shall should will would do does "
     "did "
     "please yes see note chapter section figure table part let make made"},
    {class_pronoun | class_function, "he she it they his her its their"},
    {class_month,
     "january february march april june july august september october november december"},
    {class_month, "feb apr jun jul aug sep sept oct nov dec"},
    {class_month | class_function, "may"},
    {class_weekday, "monday tuesday wednesday thursday friday saturday sunday mondays tuesdays "
                    "wednesdays thursdays fridays saturdays sundays"},
    {class_be | class_verb, "is was are were refers means denotes"},
    {class_verb,
     "be been being has have had having became become becomes remains remained began begins "
     "started "
     "won wins lost led leads ran runs went goes came comes gave gives took takes got held holds "
     "stood "
     "lies lay sits sat built grew sold sells bought buys made makes met meets kept keeps spent "
     "taught "
     "fought thought brought caught said says told left saw sees found finds put set sets cut hit "
     "sent "
     "wore drew chose spoke broke fell flew threw knew shows shown known seen given taken done"},
    {relation_verb,
     "wrote writes written directed directs produced produces composed composes performed performs "
     "published publishes founded founds established created creates designed discovered invented "
     "born died dies married marries divorced succeeded succeeds preceded precedes acquired "
     "acquires "
     "owns owned employs employed employed hired joined joins starred stars featured features "
     "played "
     "plays sang sung recorded released distributed developed develops manufactured located "
     "situated "
     "lives lived resides resided works worked studied attended graduated educated borders "
     "bordering "
     "killed assassinated defeated elected appointed ruled reigned buried flows contains includes "
     "belongs headquartered based adapted translated edited narrated hosted represents represented "
     "supports causes treats inhibits uses requires depends replaced replaces merged named"},
    {class_relational,
     "mother father parent parents son daughter sons daughters child children brother sister "
     "siblings wife husband spouse widow grandson granddaughter grandfather grandmother uncle aunt "
     "nephew niece cousin heir successor predecessor director author writer composer performer "
     "singer producer publisher editor founder owner inventor creator designer architect "
     "discoverer "
     "president chairman ceo chief minister governor mayor king queen prince emperor member "
     "members "
     "leader captain coach manager employee student pupil teacher capital county province state "
     "country city part subsidiary division branch label album film song novel book series sequel "
     "prequel adaptation version starring headquarters nationality citizen native resident"},
    {class_honorific, "mr mrs ms miss dr prof professor sir lord lady dame king queen prince "
                      "princess emperor empress "
                      "duke duchess count countess baron baroness earl pope saint st president "
                      "general colonel captain "
                      "major admiral lieutenant sergeant senator governor mayor minister "
                      "chancellor sultan shah rabbi "
                      "reverend rev bishop archbishop cardinal father sister brother judge justice "
                      "secretary chairman "
                      "rep sen gov gen col capt lt sgt maj hon"},
    {class_abbreviation,
     "mr mrs ms dr prof st rev rep sen gov gen col capt lt sgt maj hon jr sr mt ft no vs inc ltd "
     "co corp bros"},
    {class_organisation,
     "university college school institute institution academy company corporation corp inc ltd llc "
     "plc co gmbh ag group bank party committee commission council association society union "
     "federation league club team fc band orchestra ministry department agency authority bureau "
     "office court church army navy foundation trust fund records pictures studios entertainment "
     "press laboratories laboratory hospital museum library organization organisation airlines "
     "railway center centre administration service services board systems industries enterprises "
     "associates holdings network news times post herald tribune journal radio television "
     "broadcasting theater theatre opera symphony corps command brigade division regiment squadron "
     "metro senate congress parliament police"},
    {class_place, "island islands river lake mountain mountains mount county city town village "
                  "province state states "
                  "district region kingdom republic empire street road avenue bay sea ocean strait "
                  "gulf valley desert "
                  "forest park castle palace bridge airport station harbor harbour port beach "
                  "coast peninsula canyon "
                  "creek falls cape canal territory township borough parish north south east west"},
    {class_event, "war battle revolution olympics championship championships election elections "
                  "cup festival treaty "
                  "conference massacre earthquake hurricane siege games tournament crusade riots "
                  "uprising rebellion"},
    {class_is_person,
     "actor actress director singer songwriter rapper musician composer writer author novelist "
     "poet "
     "playwright journalist politician footballer player cricketer athlete swimmer boxer wrestler "
     "cyclist driver coach scientist physicist chemist biologist mathematician astronomer engineer "
     "inventor philosopher historian economist lawyer judge businessman businesswoman entrepreneur "
     "painter artist sculptor architect photographer screenwriter producer filmmaker comedian "
     "presenter model dancer nobleman noblewoman king queen prince princess duke count countess "
     "earl "
     "baron bishop archbishop pope saint monk priest theologian general officer soldier admiral "
     "explorer missionary activist diplomat guitarist drummer bassist pianist violinist conductor "
     "professor teacher physician surgeon psychologist ruler son daughter wife woman man"},
    {class_is_organisation,
     "company band group organization organisation university college school club team "
     "corporation agency party association institution institute label publisher airline bank "
     "manufacturer magazine newspaper broadcaster network charity union"},
    {class_is_place,
     "city town village county district province region country island river lake mountain "
     "municipality "
     "commune suburb neighborhood neighbourhood settlement township borough parish airport station "
     "street building bridge castle capital area peninsula valley"},
    {class_is_work, "film movie song album single novel book play opera poem series show game "
                    "episode painting symphony "
                    "musical ballet documentary soundtrack comic manga anime sculpture"},
    {class_is_event, "war battle election tournament festival earthquake hurricane outbreak "
                     "championship competition "
                     "treaty conference revolution"},
    {class_demonym,
     "american british english french german italian spanish russian chinese japanese indian "
     "canadian "
     "australian irish scottish welsh dutch swedish norwegian danish finnish polish greek turkish "
     "roman european african asian mexican brazilian korean austrian swiss belgian portuguese "
     "hungarian "
     "czech israeli jewish christian muslim catholic islamic latin soviet western eastern northern "
     "southern arab iranian pakistani"},
    {class_generic,
     "abstract introduction background overview summary objective objectives aim aims purpose goal "
     "goals "
     "hypothesis method methods methodology material materials design setting settings "
     "participants "
     "patients subjects population intervention interventions measurements measures outcome "
     "outcomes "
     "result results finding findings observation observations analysis discussion interpretation "
     "conclusion conclusions significance implications limitations recommendation recommendations "
     "context "
     "rationale importance evidence acquisition synthesis sources data funding registration "
     "references "
     "bibliography appendix contents index preface foreword notes note remarks example examples "
     "usage "
     "syntax parameters arguments returns description details features requirements installation "
     "configuration options license history name names title question answer answers warning "
     "caution tip "
     "important definition definitions glossary faq contact links related trial study review main "
     "key "
     "general other others miscellaneous supplementary information"},
    {class_office | class_common,
     "president general colonel major admiral lieutenant sergeant senator governor mayor minister "
     "chancellor professor prof judge secretary chairman chairwoman commissioner commander "
     "brigadier corporal private representative congressman congresswoman councillor ambassador "
     "premier director manager coach engineer attorney sheriff inspector superintendent detective "
     "officer administrator archduke deputy vice prime acting former chief head editor spokesman "
     "spokeswoman fellow member "
     "sen gov gen col capt lt sgt maj rep coroner treasurer vicar mr mrs ms miss dr sir rev "
     "reverend captain capt bishop archbishop cardinal "
     "rabbi justice hon"},
    {class_organ_adjective,
     "general major chief head vice private prime acting former deputy justice bishop cardinal"},
    {class_common, "am pm gmt est edt pst pdt cst utc tv cd cds dvd dj djs ceo vip phd ad bc bce "
                   "mp mps ma ba bsc msc mba md ep lp ok id faq"},
    {class_people, "people men women children workers farmers students"},
    {class_role,
     "spokesman spokeswoman spokesperson president chairman chairwoman chief director manager "
     "executive officer secretary minister premier leader head commander governor mayor senator "
     "congressman representative deputy ambassador consul envoy diplomat delegate candidate "
     "nominee "
     "member official agent attorney lawyer counsel judge justice prosecutor professor teacher "
     "lecturer scholar researcher scientist analyst economist engineer fellow student dean "
     "chancellor editor publisher columnist reporter correspondent journalist anchorman anchor "
     "employee worker owner founder partner adviser advisor aide assistant administrator "
     "commissioner coordinator inspector sheriff policeman detective general colonel captain major "
     "king queen prince emperor coach player driver pilot banker broker vendor resident native "
     "citizen assassin killer murderer gunman gov sen rep lobbyist superintendent treasurer "
     "activist guerrilla negotiator chef actor actress singer writer author poet"},
    {class_killing, "kill kills killed killing shot shoot shoots shooting murder murders murdered "
                    "murdering assassinated assassinating assassination slain slaying stabbed "
                    "stabbing strangled executed assassin killer murderer gunman"},
    {class_place_opening, "new san santa los las fort port mount lake cape rio sao great upper "
                          "lower el st saint"},
    {class_says, "said says told asked argued added born who whose died married"},
    {class_country, "us uk un eu usa ussr uae dc"},
    {class_roman, "ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx"},
};

class Table {
public:
  Table() {
    for (const auto& [classes, words] : groups) {
      for (std::size_t at = 0; at < words.size();) {
        const auto end = std::min(words.find(' ', at), words.size());
        find(words.substr(at, end - at)).add(words.substr(at, end - at), classes);
        at = end + 1;
      }
    }
  }
  std::uint32_t classes(std::string_view word) const noexcept {
    for (auto at = place(word);; at = (at + 1) & mask) {
      const auto& entry = entries_[at];
      if (entry.classes == 0) return 0;
      if (entry.word == word) return entry.classes;
    }
  }

private:
  struct Entry {
    std::string_view word;
    std::uint32_t classes = 0;
    void add(std::string_view w, std::uint32_t c) {
      word = w;
      classes |= c;
    }
  };
  static constexpr std::size_t mask = 4095;
  static std::size_t place(std::string_view word) noexcept {
    return XXH3_64bits(word.data(), word.size()) & mask;
  }
  Entry& find(std::string_view word) {
    auto at = place(word);
    while (entries_[at].classes != 0 && entries_[at].word != word) at = (at + 1) & mask;
    return entries_[at];
  }
  std::vector<Entry> entries_ = std::vector<Entry>(mask + 1);
};

} // namespace

std::uint32_t word_classes(std::string_view folded) noexcept {
  static const Table table;
  return folded.size() > 14 ? 0 : table.classes(folded);
}

} // namespace graphrag::entity
