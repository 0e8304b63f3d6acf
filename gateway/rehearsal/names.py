"""The names, streets and towns that invented people are made of."""

from __future__ import annotations

FAMILY_NAMES: tuple[str, ...] = tuple(
    (
        "Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White "
        "Roberts Green Hall Wood "
        "Jackson Clarke Patel Khan Hussain Ahmed Singh Kaur Begum Akhtar Mahmood Iqbal Choudhury Rahman "
        "Chowdhury Shah Mistry Desai "
        "Harrison Cooper Ward Turner Hughes Edwards Hill Moore Carter Mitchell Shaw Barker Holroyd Sykes "
        "Armitage Hirst Haigh Crowther "
        "Sutcliffe Greenwood Ackroyd Beaumont Dyson Firth Garside Hinchliffe Kaye Lumb Mallinson Noble "
        "Oldroyd Priestley Quarmby Ramsden "
        "Sheard Thewlis Uttley Varley Womersley Appleyard Bottomley Calvert Drake Earnshaw Fawcett Gledhill "
        "Horsfall Illingworth Jagger "
        "Kowalski Nowak Wisniewski Lewandowski Popescu Ionescu Nguyen Tran Chen Wang Okafor Adeyemi Mensah "
        "Boateng Osei Abubakar "
        "Campbell Macdonald Mackenzie McGregor MacLeod Murphy Kelly Byrne Gallagher Doherty Morgan Griffiths "
        "Llewellyn Pritchard "
        "Fernandes Silva Costa Rossi Bianchi Schmidt Fischer Novak Horvat Petrov Ivanova Yilmaz Demir Haddad "
        "Nasser Ndlovu Moyo"
    ).split()
)
ODD_FAMILY_NAMES: tuple[str, ...] = (
    "O'Brien",
    "O'Connor",
    "O'Neill",
    "O'Sullivan",
    "D'Souza",
    "D'Arcy",
    "N'Diaye",
    "Smith-Jones",
    "Taylor-Brown",
    "Hughes-Evans",
    "Ali-Khan",
    "Fox-Davies",
    "Barker-Shaw",
    "de Silva",
    "de la Cruz",
    "van der Berg",
    "von Bergen",
    "el Sayed",
    "al-Hassan",
    "St John",
    "Le Roux",
    "Mac Giolla",
    "Ó Briain",
    "Müller",
    "Gonçalves",
    "Ng",
    "Li",
    "Oo",
    "Featherstonehaugh",
    "Cholmondeley-Warner",
)
WOMEN: tuple[str, ...] = tuple(
    (
        "Margaret Susan Patricia Jean Mary Christine Linda Jennifer Barbara Carol Elizabeth Ann Anne Julie "
        "Karen Jacqueline Sarah Helen "
        "Deborah Joanne Tracey Nicola Michelle Lisa Emma Claire Louise Rebecca Rachel Laura Gemma Amy Hannah "
        "Jessica Charlotte Chloe Emily "
        "Sophie Olivia Amelia Isla Ava Grace Lily Freya Maisie Aisha Fatima Zainab Maryam Samina Nasreen "
        "Parveen Shazia Priya Anjali Sunita "
        "Harpreet Jaswinder Kuldip Agnieszka Katarzyna Magdalena Ioana Chidinma Abena Folasade Siobhan Niamh "
        "Roisin Eilidh Morag Bronwen "
        "Cerys Doreen Edna Enid Hilda Ivy Joyce Mavis Muriel Olive Phyllis Winifred Beryl Gladys"
    ).split()
)
MEN: tuple[str, ...] = tuple(
    (
        "John David Michael Peter Robert Alan Brian Paul Stephen Kevin Keith Ian Graham Barry Trevor Colin "
        "Derek Raymond Kenneth Roger "
        "Andrew Mark Philip Martin Anthony Christopher Richard Simon Neil Gary Darren Lee Craig Wayne Stuart "
        "Jason Matthew Daniel Thomas "
        "James Joshua Jack Jake Oliver Harry George Noah Leo Arthur Alfie Mohammed Muhammad Imran Asif Tariq "
        "Bilal Usman Yusuf Amir "
        "Rajesh Sanjay Vikram Gurpreet Balbir Harjit Piotr Krzysztof Tomasz Marek Andrei Chukwuma Kwame "
        "Olumide Sean Liam Declan Cormac "
        "Hamish Angus Gethin Rhys Dafydd Albert Cyril Ernest Frank Herbert Norman Reginald Stanley Walter Wilfred"
    ).split()
)
# Twins are often given names that a hurried eye takes for one another.
TWIN_NAMES: tuple[tuple[str, str, str], ...] = (
    ("Jack", "Jake", "male"),
    ("Lily", "Lola", "female"),
    ("Emma", "Emily", "female"),
    ("Hassan", "Hussain", "male"),
    ("Daniel", "David", "male"),
    ("Aisha", "Aysha", "female"),
    ("Paul", "Peter", "male"),
    ("Marian", "Marion", "female"),
    ("Ryan", "Rhys", "male"),
    ("Ellie", "Elsie", "female"),
)
STREETS: tuple[str, ...] = tuple(
    (
        "Station Road,High Street,Church Lane,Victoria Street,Mill Lane,Park Avenue,Albert Road,The "
        "Crescent,Manor Drive,Chapel Street,"
        "Queens Road,Springfield Avenue,Beech Grove,Kirkgate,Leeds Road,Wakefield Road,Bridge "
        "Street,Northgate,Sandal Avenue,Moor View,"
        "Highfield Road,Westfield Terrace,Barnsley Road,Cross Lane,Ash Close,Laburnum Court,Hawthorn "
        "Way,Oxford Street,St Mary's Walk,"
        "Pontefract Road,Cemetery Road,Quarry Hill,Thornhill Bank,Smithy Fold,Ings Lane,Barley "
        "Croft,Chestnut Rise,Wellington Place"
    ).split(",")
)
HOUSE_NAMES: tuple[str, ...] = (
    "Rose Cottage",
    "The Old Forge",
    "Hillcrest",
    "Woodlands Care Home",
    "Mill House",
    "Fairview",
)
# Town, postcode area with district, telephone prefix. The telephone prefixes are those kept free for drama by Ofcom.
TOWNS: tuple[tuple[str, str, str], ...] = (
    ("Castleford", "WF10", "01632 960"),
    ("Pontefract", "WF8", "01632 960"),
    ("Wakefield", "WF1", "01632 960"),
    ("Ossett", "WF5", "01632 960"),
    ("Leeds", "LS11", "0113 496 0"),
    ("Morley", "LS27", "0113 496 0"),
    ("Huddersfield", "HD1", "01632 960"),
    ("Holmfirth", "HD9", "01632 960"),
    ("Halifax", "HX3", "01632 960"),
    ("Bradford", "BD7", "01632 960"),
    ("Sheffield", "S10", "0114 496 0"),
    ("Rotherham", "S60", "0114 496 0"),
    ("Nottingham", "NG7", "0115 496 0"),
    ("Leicester", "LE2", "0116 496 0"),
    ("Bristol", "BS6", "0117 496 0"),
    ("Reading", "RG1", "0118 496 0"),
    ("Birmingham", "B29", "0121 496 0"),
    ("Solihull", "B91", "0121 496 0"),
    ("Liverpool", "L8", "0151 496 0"),
    ("Manchester", "M20", "0161 496 0"),
    ("Salford", "M6", "0161 496 0"),
    ("Newcastle upon Tyne", "NE3", "0191 498 0"),
    ("London", "SW12", "020 7946 0"),
    ("London", "E8", "020 7946 0"),
    ("London", "W1T", "020 7946 0"),
    ("London", "EC1V", "020 7946 0"),
    ("Cardiff", "CF14", "029 2018 0"),
    ("Plymouth", "PL4", "01632 960"),
    ("Ormskirk", "L39", "0151 496 0"),
    ("Isleworth", "TW7", "020 7946 0"),
)
DOCTORS_GIVEN: tuple[str, ...] = tuple(
    (
        "Amina Rachel Simon Helen Imran Catherine David Priya Thomas Ngozi Andrew Fiona Rajiv Louise Oliver "
        "Sunil Katherine Mark"
    ).split()
)
DOCTORS_FAMILY: tuple[str, ...] = tuple(
    (
        "Patel Holroyd Khan Whitaker Adeyemi Chaudhry Fenwick Garside Hussain Iyer Jessop Kershaw Lister "
        "Mukherjee Naylor Oyelaran Prasad "
        "Rushworth Sharma Thackray Umar Verity Wadsworth Yates Zaman Bairstow Crossley Dewhirst Emmott "
        "Farrar Lockwood Sugden Tempest"
    ).split()
)
