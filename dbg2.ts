import { ConversationWorld } from './test/support/conversation-world.ts';
const w=new ConversationWorld('A','payment','inbound');
const acts:any=[{"type":"payment-opened"},{"type":"advance","index":15,"luck":"fails"},{"type":"transfer-requested"},{"type":"advance","index":8,"luck":"done-but-fails"}];
const feed=w.feed.bind(w); w.feed=(e:any)=>{ feed(e); console.log(JSON.stringify(e)); };
for(const a of acts){ console.log('--',JSON.stringify(a)); if(a.type==='advance') w.advance(a.index,a.luck); else w.feed(a); }
w.feed({type:'payment-ended'}); w.settle(); w.settle();
console.log(JSON.stringify(w.state,null,1), JSON.stringify(w.legs));
